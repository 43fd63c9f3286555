import { MemoryRoomDirectory } from '../../broker/chat/memory-room-directory.ts';
import { later } from '../support/later.ts';
import { turns } from '../support/turns.ts';
import { roomDirectoryContract } from './room-directory-contract.ts';

roomDirectoryContract('a room directory in memory', (options) => new MemoryRoomDirectory(options));

roomDirectoryContract('a room directory that answers later', (options) =>
  later(new MemoryRoomDirectory(options)),
);

roomDirectoryContract('a room directory over an engine that answers later', (options) => {
  const hasHistory = async (roomId: string) => {
    await turns(1);
    return options.hasHistory(roomId);
  };
  return new MemoryRoomDirectory({ ...options, hasHistory });
});
