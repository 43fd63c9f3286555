import { embeddedEngine } from '../broker/engine/embedded-store.ts';
import { emptyFolder } from '../support/empty-folder.ts';
import { engineContract } from './engine-contract.ts';
import { KEPT_BYTES } from './engine-rig.ts';

engineContract('the embedded engine', () =>
  embeddedEngine(emptyFolder(), { limits: { historyBytes: KEPT_BYTES } }),
);
