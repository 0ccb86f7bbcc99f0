import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DisposableStore, Emitter, toDisposable } from "../../../src/base/lifecycle.ts";

describe("DisposableStore", () => {
  it("disposes what it owns once, last in first out", () => {
    const order: number[] = [];
    const store = new DisposableStore();
    for (const number of [1, 2, 3]) store.add(toDisposable(() => order.push(number)));
    store.dispose();
    store.dispose();
    assert.deepEqual(order, [3, 2, 1]);
  });

  it("disposes at once what is added after its end", () => {
    const store = new DisposableStore();
    store.dispose();
    let disposed = false;
    store.add(toDisposable(() => (disposed = true)));
    assert.ok(disposed);
  });

  it("lets go of a member that is deleted early", () => {
    let times = 0;
    const store = new DisposableStore();
    const member = store.add({ dispose: () => times++ });
    store.delete(member);
    store.dispose();
    assert.equal(times, 1);
  });
});

describe("Emitter", () => {
  it("tells every listener, also when one of them throws", () => {
    const errors: unknown[] = [];
    const heard: string[] = [];
    const emitter = new Emitter<string>(error => errors.push(error));
    emitter.event(() => {
      throw new Error("listener");
    });
    emitter.event(value => heard.push(value));
    emitter.fire("news");
    assert.deepEqual(heard, ["news"]);
    assert.equal(errors.length, 1);
  });

  it("tells no one who unsubscribed, and no one after its end", () => {
    const heard: number[] = [];
    const emitter = new Emitter<number>();
    emitter.event(value => heard.push(value)).dispose();
    emitter.event(value => heard.push(value));
    emitter.dispose();
    emitter.fire(1);
    assert.deepEqual(heard, []);
  });

  it("tells a listener that was added twice twice, and unsubscribes them apart", () => {
    let times = 0;
    const count = (): number => times++;
    const emitter = new Emitter<void>();
    const first = emitter.event(count);
    emitter.event(count);
    first.dispose();
    emitter.fire();
    assert.equal(times, 1);
  });
});
