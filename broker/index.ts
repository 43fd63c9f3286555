// The public interface of the package. The server process starts at main.ts, which does not load the
// test broker.

// Declarations name types of `node:http`, and TypeScript 7 loads no @types by itself.
/// <reference types="node" preserve="true" />

export {
  Application,
  type MessageHandler,
  type SubscribeHandler,
} from './application/application.ts';
export type { Guard, Guarded } from './application/guards.ts';
export type { Params } from './application/pattern.ts';
export { Rejection, reject } from './application/rejection.ts';
export {
  type Outgoing,
  type Reply,
  sendTo,
  sendToSession,
  sendToUser,
} from './application/reply.ts';
export type { Caller, HeaderPair, Request } from './application/request.ts';
export type { Authenticate } from './authentication.ts';
export { type Broker, type BrokerOptions, createBroker } from './broker.ts';
export type { Cancel, Clock } from './clock.ts';
export { type Config, ConfigError } from './config.ts';
export type { Log } from './log.ts';
export type { Maybe } from './maybe.ts';
export type { Published } from './publish.ts';
export {
  createServer,
  type Listening,
  pageFolder,
  type Server,
  type ServerOptions,
} from './server.ts';
export type { Login } from './session/commands/login.ts';
export { headerOf } from './stomp/frame.ts';
export type { FaultScope, Faults } from './testing/faults.ts';
export type { MemoryWebSocket, WebSocketClosing } from './testing/memory-web-socket.ts';
export type { OpenSubscription, ReceivedMessage } from './testing/sightings.ts';
export {
  createTestBroker,
  type Expected,
  type TestBroker,
  type WebSocketOptions,
} from './testing/test-broker.ts';
export type {
  Accept,
  Handshake,
  Packet,
  Receiver,
  Transport,
  WireEncoding,
} from './transport/transport.ts';
