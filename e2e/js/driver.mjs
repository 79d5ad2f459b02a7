// Drives matrix-js-sdk for the end-to-end tests: one client, told what to do
// by JSON objects on standard input, one a line, answering on standard output.
//
//   request   {"id": 1, "method": "send", "params": {…}}
//   response  {"id": 1, "result": {…}} or {"id": 1, "error": "…"}
//   event     {"event": {…}}, for every event of a room that the client sees,
//             state that comes without its place in the timeline included, and
//             again when it could be decrypted later
//
// The end of standard input ends the program.
import "./polyfills.mjs";
import { createInterface } from "node:readline";
import * as sdk from "matrix-js-sdk";
import { CryptoEvent, EventShieldColour, OnlySignedDevicesIsolationMode } from "matrix-js-sdk/lib/crypto-api/index.js";
import { logger } from "matrix-js-sdk/lib/logger.js";

// Standard output is for the protocol alone.
for (const level of ["debug", "info", "log", "trace", "warn"]) console[level] = console.error;
logger.setLevel("error");

const write = (message) => process.stdout.write(JSON.stringify(message) + "\n");

let client;

const methods = {
  // Logs in on a new device, signs it with new cross-signing keys, unless it is
  // the account's second, and syncs.
  async login({ homeserver, user_id, password, only_signed_devices, second }) {
    const login = await sdk.createClient({ baseUrl: homeserver }).loginRequest({
      type: "m.login.password",
      identifier: { type: "m.id.user", user: user_id },
      password,
      initial_device_display_name: "matrix-js-sdk",
    });
    client = sdk.createClient({
      baseUrl: homeserver,
      userId: login.user_id,
      deviceId: login.device_id,
      accessToken: login.access_token,
    });
    await client.initRustCrypto({ useIndexedDB: false });
    const crypto = client.getCrypto();
    if (only_signed_devices) crypto.setDeviceIsolationMode(new OnlySignedDevicesIsolationMode());
    client.on(sdk.RoomEvent.Timeline, (event) => report(event));
    // A room with more news than a /sync holds has the rest as state alone.
    client.on(sdk.RoomStateEvent.Events, (event) => report(event));
    client.on(sdk.RoomEvent.LocalEchoUpdated, (event) => report(event));
    client.on(sdk.MatrixEventEvent.Decrypted, (event) => report(event));
    const prepared = new Promise((resolve, reject) => {
      client.on(sdk.ClientEvent.Sync, (state, _old, data) => {
        if (state === "PREPARED") resolve();
        if (state === "ERROR") reject(data?.error ?? new Error("sync failed"));
      });
    });
    await client.startClient({ initialSyncLimit: 50 });
    await prepared;
    if (!second) await crypto.bootstrapCrossSigning({ authUploadDeviceSigningKeys: (upload) => upload(null) });
    return {};
  },

  async create_room({ name, alias, encrypted, rotation, direct, equal, invite }) {
    const { room_id } = await client.createRoom({
      preset: alias ? "public_chat" : equal ? "trusted_private_chat" : "private_chat",
      name: name || undefined,
      room_alias_name: alias || undefined,
      is_direct: direct,
      invite,
      initial_state: encrypted
        ? [{ type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2", rotation_period_msgs: rotation || undefined } }]
        : [],
    });
    await seen(room_id, encrypted, invite);
    return { room_id };
  },

  async join({ room_id }) {
    await client.joinRoom(room_id);
    await seen(room_id, false, []);
    return {};
  },

  async invite({ room_id, user_id }) {
    await client.invite(room_id, user_id);
    await seen(room_id, false, [user_id]);
    return {};
  },

  async leave({ room_id }) {
    await client.leave(room_id);
    return {};
  },

  async send({ room_id, content }) {
    const { event_id } = await client.sendEvent(room_id, "m.room.message", content);
    return { event_id };
  },

  async reads({ event }) {
    const copy = new sdk.MatrixEvent(event);
    await client.decryptEventIfNeeded(copy);
    return { reads: !copy.isDecryptionFailure() };
  },
};

// seen waits until sync has brought the room with us in it, its encryption
// and those invited. Each sync may have brought it, so each is looked at.
function seen(roomId, encrypted, invited) {
  const complete = () => {
    const room = client.getRoom(roomId);
    return (
      room?.getMyMembership() === "join" &&
      (!encrypted || room.hasEncryptionStateEvent()) &&
      invited.every((user) => room.getMember(user))
    );
  };
  return new Promise((resolve) => {
    const look = () => {
      if (!complete()) return;
      client.off(sdk.ClientEvent.Sync, look);
      resolve();
    };
    client.on(sdk.ClientEvent.Sync, look);
    look();
  });
}

// report tells of an event once it is decrypted, or once that has failed.
async function report(event) {
  if (event.isEncrypted()) {
    await client.decryptEventIfNeeded(event);
    await event.getDecryptionPromise();
  }
  // What we send is told when sync has brought it, not before.
  if (event.status !== null) return;
  write({
    event: {
      room_id: event.getRoomId(),
      event_id: event.getId(),
      sender: event.getSender(),
      type: event.getType(),
      state_key: event.getStateKey(),
      content: contentOf(event),
      encrypted: event.isEncrypted(),
      failure: event.isDecryptionFailure() ? (event.decryptionFailureReason ?? "unknown") : "",
      shield: await shieldOf(event),
    },
  });
}

// contentOf returns the content as it was sent, whatever edits came later. The
// relation of an encrypted event stands outside of what is encrypted.
function contentOf(event) {
  const relation = event.getWireContent()["m.relates_to"];
  return relation ? { ...event.getOriginalContent(), "m.relates_to": relation } : event.getOriginalContent();
}

// shieldOf returns the warning that a client shows beside an encrypted event,
// as colour and reason; empty if it shows none.
async function shieldOf(event) {
  if (!event.isEncrypted() || event.isDecryptionFailure()) return "";
  const info = await client.getCrypto().getEncryptionInfoForEvent(event);
  if (info === null) return "no information about the encryption";
  if (info.shieldColour === EventShieldColour.NONE) return "";
  return `colour ${info.shieldColour}, reason ${info.shieldReason}`;
}

process.on("unhandledRejection", (error) => {
  console.error("unhandled rejection:", error);
  process.exit(1);
});

createInterface({ input: process.stdin })
  .on("line", async (line) => {
    const { id, method, params } = JSON.parse(line);
    try {
      write({ id, result: await methods[method](params) });
    } catch (error) {
      write({ id, error: String(error?.stack ?? error) });
    }
  })
  .on("close", () => {
    client?.stopClient();
    process.exit(0);
  });
