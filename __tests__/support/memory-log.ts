import type { Log } from '../../broker/log.ts';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Keeps what is logged, for a test to look at. */
export function memoryLog(): Log & { readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  const keep = (level: LogLine['level']) => (fields: object, text: string) => {
    lines.push({ level, fields: { ...fields }, text });
  };
  return {
    lines,
    debug: keep('debug'),
    error: keep('error'),
    info: keep('info'),
    warn: keep('warn'),
  };
}
