import { describe } from '@jest/globals';
import { engineAppends } from './engine-appends.ts';
import { engineDelivery } from './engine-delivery.ts';
import { engineFacts } from './engine-facts.ts';
import { engineFollow } from './engine-follow.ts';
import { engineHistory } from './engine-history.ts';
import { engineLife } from './engine-life.ts';
import { enginePositions } from './engine-positions.ts';
import { type CreateEngine, EngineRig } from './engine-rig.ts';
import { engineStreams } from './engine-streams.ts';

/**
 * The contract of every engine, whatever its store is. `create` makes an engine with an empty store
 * that keeps the destinations of `isKept`; the suite starts and stops it.
 */
export function engineContract(name: string, create: CreateEngine): void {
  describe(name, () => {
    const rig = new EngineRig(create);

    engineAppends(rig);
    engineDelivery(rig);
    engineFacts(rig);
    engineFollow(rig);
    engineHistory(rig);
    engineLife(rig);
    engineStreams(rig);
    enginePositions(rig);
  });
}
