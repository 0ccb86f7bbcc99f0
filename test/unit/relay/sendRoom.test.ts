import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SendRoom } from "../../../src/relay/sendRoom.ts";

const mebibyte = 1024 * 1024;
const nothing = (): void => undefined;

describe("what waits for readers", () => {
  it("is about a mebibyte for each, with what the frames cost beside their bytes", () => {
    const room = new SendRoom(100 * mebibyte);
    const queue = room.open("channel", "address", nothing);
    for (let count = 0; count < 2_000; count++) queue.add(1, 1);
    assert.ok(queue.hasRoom() && room.held > 900_000, `${room.held} bytes`);
    const taken = queue.add(100_000, 1);
    assert.ok(!queue.hasRoom());
    taken();
    assert.ok(queue.hasRoom());
    queue.close();
    assert.equal(room.held, 0);
  });

  it("is so much in all: the next ones wait, and are asked once there is room", () => {
    const room = new SendRoom(mebibyte);
    const holders = ["one", "other"].map(name => room.open(name, name, nothing));
    const [taken] = holders.map(queue => queue.add(mebibyte / 2, 1));
    const asked: string[] = [];
    const late = room.open("late", "late", () => asked.push(late.hasRoom() ? "goes on" : "waits on"));
    const gone = room.open("gone", "gone", () => asked.push("gone"));
    assert.ok(!late.hasRoom() && !gone.hasRoom());
    gone.close();
    assert.deepEqual(asked, ["waits on"]);
    taken?.();
    assert.deepEqual(asked, ["waits on", "goes on"]);
  });

  it("of one channel and of one address is half of it at most", () => {
    const room = new SendRoom(2 * mebibyte);
    const first = room.open("busy", "home", nothing);
    first.add(mebibyte / 2, 1);
    room.open("busy", "office", nothing).add(mebibyte / 2, 1);
    assert.ok(!first.hasRoom() && !room.open("busy", "elsewhere", nothing).hasRoom());
    assert.ok(room.open("quiet", "home", nothing).hasRoom());
  });

  it("is given back once, whatever is reported after the end", () => {
    const room = new SendRoom(mebibyte);
    const queue = room.open("channel", "address", nothing);
    const [taken, reserved] = [queue.add(1_000, 1), queue.reserve(1_000)];
    queue.close();
    taken();
    reserved();
    assert.equal(room.held, 0);
  });

  it("is nothing for a stream that has ended, though something was still read for it", () => {
    const room = new SendRoom(mebibyte);
    const queue = room.open("channel", "address", nothing);
    queue.close();
    const [taken, reserved] = [queue.add(1_000, 1), queue.reserve(1_000)];
    assert.equal(room.held, 0);
    taken();
    reserved();
    assert.equal(room.held, 0);
  });
});

describe("a reader that takes nothing", () => {
  const beats = (count: number, beat: () => boolean): boolean[] => Array.from({ length: count }, beat);

  it("is let go after four whole intervals, and one that takes something is not", () => {
    const room = new SendRoom(100 * mebibyte);
    const [stuck, slow, idle] = ["stuck", "slow", "idle"].map(name => room.open(name, name, nothing));
    assert.ok(stuck && slow && idle);
    stuck.add(1_000, 1);
    slow.add(1_000, 1);
    assert.deepEqual(
      beats(5, () => stuck.beat()),
      [false, false, false, false, true],
    );
    for (let beat = 0; beat < 10; beat++) {
      const taken = slow.add(1_000, 1);
      assert.equal(slow.beat(), false);
      taken();
      assert.equal(idle.beat(), false);
    }
  });

  it("is let go after one whole interval where others wait for its room", () => {
    const room = new SendRoom(mebibyte);
    const stuck = room.open("stuck", "stuck", nothing);
    stuck.add(2 * mebibyte, 1);
    assert.equal(stuck.beat(), false);
    assert.equal(room.open("late", "late", nothing).hasRoom(), false);
    assert.equal(stuck.beat(), true);
  });
});
