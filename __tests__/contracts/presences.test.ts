import { MemoryPresence } from '../../broker/chat/memory-presence.ts';
import { later } from '../support/later.ts';
import { presenceContract } from './presence-contract.ts';

presenceContract('presence in memory', (options) => new MemoryPresence(options));
presenceContract('presence that answers later', (options) => later(new MemoryPresence(options)));
