/**
 * The same object, whose answers come in a later turn of the event loop, in the order of the calls.
 * `listen` and `stop` have no answer, so they stay as they are.
 */
export function later<T extends object>(target: T): T {
  return new Proxy(target, {
    get: (object, name) => {
      const value: unknown = Reflect.get(object, name);
      if (typeof value !== 'function') return value;
      if (name === 'listen' || name === 'stop') return value.bind(object);
      return async (...given: unknown[]) => {
        await new Promise((resolve) => setImmediate(resolve));
        return value.apply(object, given);
      };
    },
  });
}
