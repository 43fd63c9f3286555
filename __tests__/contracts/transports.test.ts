import { describe } from '@jest/globals';
import { PIPE_KINDS } from '../broker/transport/pipe.ts';
import { transportContract } from './transport-contract.ts';

describe.each(PIPE_KINDS.map((kind) => [kind.name, kind] as const))('%s', (_name, kind) => {
  transportContract(kind);
});
