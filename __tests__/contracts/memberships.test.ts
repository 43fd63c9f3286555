import { MemoryMembership } from '../../broker/chat/memory-membership.ts';
import { later } from '../support/later.ts';
import { membershipContract } from './membership-contract.ts';

membershipContract('membership in memory', (options) => new MemoryMembership(options));
membershipContract('membership that answers later', (options) =>
  later(new MemoryMembership(options)),
);
