import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { emptyFolder } from './empty-folder.ts';

const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** nginx before a server, as one would configure it; it stops when the test ends. */
export async function startNginx(upstream: string, headers: readonly string[]): Promise<string> {
  const folder = emptyFolder();
  const port = await freePort();
  writeFileSync(join(folder, 'nginx.conf'), configuration(port, upstream, headers));
  const args = ['-p', folder, '-c', 'nginx.conf', '-e', 'error.log'];
  const nginx = spawn('/usr/sbin/nginx', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let problem = '';
  nginx.stderr.on('data', (chunk) => {
    problem += chunk;
  });
  const closed = once(nginx, 'close');
  stops.push(async () => {
    nginx.kill('SIGTERM');
    await closed;
  });
  while (!(await isListening(port))) {
    if (nginx.exitCode !== null) throw new Error(`nginx did not start: ${problem}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return `http://127.0.0.1:${port}`;
}

function configuration(port: number, upstream: string, headers: readonly string[]): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
daemon off;
worker_processes 1;
pid nginx.pid;
events { worker_connections 256; }
http {
  access_log off;
  ${paths.map((path) => `${path}_temp_path ${path};`).join('\n  ')}
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass ${upstream};
      proxy_http_version 1.1;
      proxy_buffering off;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      ${headers.map((header) => `proxy_set_header ${header};`).join('\n      ')}
    }
  }
}
`;
}

/** nginx says nowhere which port it took, so it is given one that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const is = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  socket.destroy();
  return is;
}
