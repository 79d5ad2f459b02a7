// What matrix-js-sdk uses and Node 18 and 20, which Debian's stable releases
// ship, do not have yet. Imported before the SDK.
import { webcrypto } from "node:crypto";

globalThis.crypto ??= webcrypto; // global since Node 19

// ECMAScript 2024; since Node 22.
Promise.withResolvers ??= function () {
  let resolve, reject;
  const promise = new this((res, rej) => {
    resolve = res;
    reject = rej;
  });
  return { promise, resolve, reject };
};
