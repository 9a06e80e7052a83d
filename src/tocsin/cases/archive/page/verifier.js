/*
 * Verifies what an archive of evidence shows: who wrote each record, that it stands in their log, and who
 * holds it. Nothing is asked of anyone; the circle's id is the one thing that has to come by another way.
 *
 * These are the steps of docs/protocol.md, section 13, for each record:
 *   (2) the circle's id is the hash of its first charter; (3) which all its members signed; each later version
 *   was signed by a quorum of the one before; (4) the openings, signed by the organisations, name the keys;
 *   (5) with one of them the author's log signed its size and root; (6) under which the record stands;
 *   (7) and others' cosignatures on that.
 * `tocsin verify` checks more of each version of the charter: its cuts, who vouches, and what it widens.
 */
"use strict";

const verifier = (() => {
  const { ed25519, sha256, toml } = vendored;
  const utf8 = new TextEncoder();
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const TLP = ["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"];
  const P = 2n ** 255n - 19n;
  const ORDER_8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
  const SMALL_ORDER = [0n, 1n, P - 1n, ORDER_8, P - ORDER_8];
  const MAX_SIZE = Number.MAX_SAFE_INTEGER;

  const check = (holds, message) => {
    if (!holds) throw new Error(message);
  };

  // Bytes

  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const same = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);
  const concat = (...parts) => {
    const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  };
  const base64 = (text) => {
    let bytes;
    try {
      bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    } catch {
      throw new Error("expected base64");
    }
    check(btoa(String.fromCharCode(...bytes)) === text, "expected canonical base64");
    return bytes;
  };
  const hashOfText = (text) => hex(sha256(utf8.encode(text)));

  // Keys and notes

  const keyOf = (vkey) => {
    const parts = /^([^\s+]+)\+([0-9a-f]{8})\+([^+]\S*)$/u.exec(vkey);
    check(parts, "expected a key");
    const [, name, id, encoded] = parts;
    const material = base64(encoded);
    check(material.length === 33, "expected a key of 32 bytes");
    const found = hex(sha256(concat(utf8.encode(`${name}\n`), material)).slice(0, 4));
    check(found === id, `the key of ${name} does not fit its id`);
    const bytes = material.slice(1);
    const y = BigInt(`0x${hex(bytes.slice().reverse())}`) & (2n ** 255n - 1n);
    check(y < P && !SMALL_ORDER.includes(y), `the key of ${name} may not be used`);
    return { name, id, type: material[0], bytes, vkey };
  };
  const known = new Map();
  const signs = (key, message, signature) => {
    const place = `${key.vkey} ${hex(sha256(message))} ${hex(signature)}`;
    if (!known.has(place)) known.set(place, signature.length === 64 && ed25519(key.bytes, message, signature));
    return known.get(place);
  };
  const noteOf = (data) => {
    const end = data.lastIndexOf("\n\n");
    check(end >= 0 && data.endsWith("\n"), "expected a signed note");
    const lines = data.slice(end + 2, -1).split("\n");
    const signatures = lines.map((line) => {
      const parts = /^— (\S+) (\S+)$/u.exec(line);
      check(parts, "expected lines with signatures");
      const bytes = base64(parts[2]);
      return { name: parts[1], id: hex(bytes.slice(0, 4)), bytes: bytes.slice(4) };
    });
    return { text: data.slice(0, end + 1), signatures };
  };
  const isBy = (signature, key) => signature.name === key.name && signature.id === key.id;
  const checkSigned = (note, signature, key) => {
    const found = signature.name === key.name ? "one by another key" : `that of ${signature.name}`;
    check(isBy(signature, key), `expected the signature of ${key.name}, found ${found}`);
    check(signs(key, utf8.encode(note.text), signature.bytes), `the signature of ${key.name} does not verify`);
  };

  // (2) and (3): the charter in its versions

  const logOf = (name) => {
    const parts = /^([a-z0-9.-]+)\/([0-9a-f]{64})\/([a-z0-9-]{1,32})\/([1-9][0-9]{0,9})$/.exec(name);
    check(parts, `expected the name of a log, found ${name}`);
    return { domain: parts[1], circle: parts[2], member: parts[3], epoch: Number(parts[4]) };
  };
  const membersOf = (charter) => {
    const members = new Map();
    for (const member of charter.members) {
      const key = keyOf(member.organisation_key);
      check(key.type === 1 && key.name === `${charter.domain}/${member.slug}`, `${member.slug}: another's key`);
      check(!members.has(member.slug), `${member.slug} stands there twice`);
      members.set(member.slug, { ...member, key });
    }
    return members;
  };
  const versionOf = (data) => {
    const note = noteOf(data);
    const charter = toml(note.text);
    return { note, charter, id: hashOfText(note.text), members: membersOf(charter) };
  };
  const firstCharter = (data, circle) => {
    const first = versionOf(data);
    check(first.id === circle, `expected the charter of circle ${circle}, found that of ${first.id}`);
    check(first.charter.version === 1, "expected a first charter");
    const keys = [...first.members.values()].map((member) => member.key);
    check(first.note.signatures.length === keys.length, "expected the signature of every member");
    keys.forEach((key, place) => checkSigned(first.note, first.note.signatures[place], key));
    return first;
  };
  const deciding = (version) => [...version.members.values()].filter((member) => !member.observer);
  const amendment = (data, before) => {
    const next = versionOf(data);
    check(
      next.charter.version === before.charter.version + 1 && next.charter.previous === before.id,
      "it does not follow the version before it",
    );
    for (const name of ["domain", "mode", "nonce"])
      check(next.charter[name] === before.charter[name], `it has another ${name}`);
    const stays = deciding(before).filter((member) => next.members.has(member.slug));
    const fresh = [...next.members.values()].filter(
      (member) => before.members.get(member.slug)?.organisation_key !== member.organisation_key,
    );
    const allowed = [...stays, ...fresh].map((member) => member.key);
    let place = 0;
    for (const signature of next.note.signatures) {
      while (place < allowed.length && !isBy(signature, allowed[place])) place += 1;
      check(place < allowed.length, `expected no signature of ${signature.name} here`);
      checkSigned(next.note, signature, allowed[place]);
      place += 1;
    }
    const signed = (key) => next.note.signatures.some((signature) => isBy(signature, key));
    check(fresh.every((member) => signed(member.key)), "expected the signature of every new key");
    const agreeing = deciding(before).filter((member) => signed(member.key)).length;
    check(agreeing >= before.charter.quorum, `expected ${before.charter.quorum} members to agree`);
    return next;
  };

  // Who may open which epoch: docs/protocol.md, section 8.4

  const firstBeyond = (cut) => logOf(cut.log).epoch + (cut.size ? 1 : 0);
  const standings = (chain) => {
    const all = new Map();
    for (const { charter, members } of chain) {
      for (const cut of charter.cuts ?? []) {
        const slug = logOf(cut.log).member;
        const one = all.get(slug);
        check(one, `a cut of ${slug}, who is no member`);
        let epoch = Math.max(one.founder ? 1 : 0, ...one.settled.keys());
        for (const opening of cut.openings ?? []) one.settled.set((epoch += 1), opening);
        one.cut = cut;
        one.removed = (charter.removed ?? []).some((removal) => removal.slug === slug);
        if (members.has(slug))
          one.judges.push({ from: firstBeyond(cut), member: members.get(slug), handling: charter.handling });
      }
      for (const [slug, member] of members)
        if (!all.has(slug))
          all.set(slug, {
            founder: charter.version === 1,
            judges: [{ from: 1, member, handling: charter.handling }],
            settled: new Map(),
            removed: false,
          });
    }
    return all;
  };
  const judgeOf = (standing, epoch) => {
    if (standing.founder && epoch === 1) return standing.judges[0];
    check(!(standing.removed && epoch >= firstBeyond(standing.cut)), "its member was removed before");
    return standing.judges.filter((judge) => judge.from <= epoch).at(-1);
  };

  // (4) openings

  const openingOf = (data, chain, all) => {
    const note = noteOf(data);
    check(note.signatures.length === 1, "expected an opening with one signature");
    const opening = JSON.parse(note.text);
    check(opening.kind === "opening", "expected an opening");
    const standing = all.get(opening.member);
    check(standing, `${opening.member} is no member`);
    const judge = judgeOf(standing, opening.epoch);
    check(judge, `nothing says who opens epoch ${opening.epoch} of ${opening.member}`);
    const { domain } = chain[0].charter;
    const log = `${domain}/${chain[0].id}/${opening.member}/${opening.epoch}`;
    check(opening.circle === chain[0].id, `the opening of ${log} is of another circle`);
    check(TLP.indexOf(opening.tlp) <= TLP.indexOf(judge.handling), `${log}: above the handling`);
    checkSigned(note, note.signatures[0], judge.member.key);
    const settled = standing.settled.get(opening.epoch);
    check(!settled || settled === hashOfText(data), `the charter names another opening of ${log}`);
    const keys = { log: keyOf(opening.log), holder: keyOf(opening.holder), witness: keyOf(opening.witness) };
    check(keys.log.type === 1 && keys.log.name === log, `${log}: another's key`);
    for (const kind of ["holder", "witness"])
      check(keys[kind].type === 4 && keys[kind].name === `${log}/${kind}`, `${log}: another's ${kind} key`);
    const { label, economy } = standing.judges.at(-1).member;
    return { log, member: opening.member, label, economy, keys, standing };
  };

  // (5) the checkpoint, (6) the record under it

  const decimal = (text) => {
    check(/^(0|[1-9][0-9]{0,15})$/.test(text) && Number(text) <= MAX_SIZE, "expected a size");
    return Number(text);
  };
  const checkpointOf = (note) => {
    const lines = note.text.split("\n");
    check(lines.length === 4, "expected a checkpoint of three lines");
    const checkpoint = { origin: lines[0], size: decimal(lines[1]), root: base64(lines[2]) };
    check(checkpoint.root.length === 32, "expected a root of 32 bytes");
    return checkpoint;
  };
  const node = (left, right) => sha256(concat(Uint8Array.of(1), left, right));
  const rootOf = (leaf, index, size, hashes) => {
    // From the root down: on which side of each tree the entry stands; then up again with the hashes.
    const sides = [];
    let [start, end] = [0, size];
    while (end - start > 1) {
      let half = 1;
      while (half * 2 < end - start) half *= 2;
      const left = index < start + half;
      sides.push(left);
      [start, end] = left ? [start, start + half] : [start + half, end];
    }
    check(hashes.length === sides.length, `expected ${sides.length} hashes, found ${hashes.length}`);
    return hashes.reduce((hash, sibling) => {
      check(sibling.length === 32, "expected hashes of 32 bytes");
      return sides.pop() ? node(hash, sibling) : node(sibling, hash);
    }, leaf);
  };
  const entryOf = (log, salt, record) => {
    check(salt.length === 32, "expected a salt of 32 bytes");
    const name = utf8.encode(log);
    const head = Uint8Array.of(name.length >> 8, name.length & 255);
    return sha256(concat(utf8.encode("tocsin/entry/v1\0"), head, name, salt, record));
  };

  // (7) cosignatures

  const checkCosigned = (note, signature, key) => {
    const seconds = signature.bytes.slice(0, 8).reduce((time, byte) => time * 256 + byte, 0);
    check(seconds >= 1 && seconds <= MAX_SIZE, `${key.name}: a time that cannot be`);
    const text = `cosignature/v1\ntime ${seconds}\n${note.text}`;
    const verified = signs(key, utf8.encode(text), signature.bytes.slice(8));
    check(verified, `the cosignature of ${key.name} does not verify`);
  };
  const cosigned = (note, signatures, others) => {
    const found = { holder: [], witness: [] };
    let before = "";
    for (const signature of signatures) {
      check(signature.name > before, "expected cosignatures sorted, each key once");
      before = signature.name;
      const kind = signature.name.split("/").at(-1);
      const member = others.find((one) => ["holder", "witness"].includes(kind) && isBy(signature, one.keys[kind]));
      check(member, `expected a member's cosignature, found that of ${signature.name}`);
      check(!found[kind].some((one) => one.member === member.member), `${member.member} stands there twice`);
      checkCosigned(note, signature, member.keys[kind]);
      found[kind].push(member);
    }
    return found;
  };

  // A record and its proof

  const chainOf = (data, proof, chains) => {
    const place = proof.charters.join(" ");
    if (!chains.has(place)) {
      const chain = [];
      for (const at of proof.charters)
        chain.push(chain.length ? amendment(data.texts[at], chain.at(-1)) : firstCharter(data.texts[at], data.circle));
      check(chain.length, "expected a charter");
      chains.set(place, { chain, all: standings(chain) });
    }
    return chains.get(place);
  };
  const step = (name, work) => {
    try {
      return work();
    } catch (error) {
      throw new Error(`${name}: ${error.message}`);
    }
  };
  const verifyRecord = (data, proof, chains) => {
    const { chain, all } = step("charter", () => chainOf(data, proof, chains));
    const openings = step("openings", () => {
      const found = proof.key_events.map((at) => openingOf(data.texts[at], chain, all));
      check(found.every((one, at) => !at || found[at - 1].log < one.log), "expected each opening once, in order");
      return found;
    });
    const [note, checkpoint, author] = step("checkpoint", () => {
      const signed = noteOf(proof.checkpoint);
      const stated = checkpointOf(signed);
      const found = openings.find((one) => one.log === stated.origin);
      check(found, `nothing says whose log ${stated.origin} is`);
      checkSigned(signed, signed.signatures[0], found.keys.log);
      const { cut, removed } = found.standing;
      if (removed && cut.log === found.log) check(stated.size <= cut.size, "it goes beyond the end of its log");
      return [signed, stated, found];
    });
    const record = step("record", () => {
      const bytes = base64(proof.record);
      const entry = entryOf(author.log, base64(proof.salt), bytes);
      const leaf = sha256(concat(Uint8Array.of(0), entry));
      check(proof.index >= 0 && proof.index < checkpoint.size, "it stands beyond the end of its log");
      const root = rootOf(leaf, proof.index, checkpoint.size, proof.hashes.map(base64));
      check(same(root, checkpoint.root), "this is not the record that stands there, or it was changed");
      const { member, epoch } = logOf(author.log);
      check(proof.name === `${member}.${epoch}.${proof.index}`, `it is ${member}.${epoch}.${proof.index}`);
      return strict.decode(bytes);
    });
    const found = step("cosignatures", () =>
      cosigned(note, note.signatures.slice(1), openings.filter((one) => one.member !== author.member)),
    );
    step("openings", () => {
      const needed = new Set([author.log, ...[...found.holder, ...found.witness].map((one) => one.log)]);
      check(openings.every((one) => needed.has(one.log)), "expected no opening that nothing needs");
    });
    return { record, author, holders: found.holder };
  };

  /** Each record of the archive with what was proven of it, or with why not. */
  function* verify(data) {
    const chains = new Map();
    for (const proof of data.proofs) {
      let result;
      try {
        result = { name: proof.name, proven: verifyRecord(data, proof, chains) };
      } catch (error) {
        result = { name: proof.name, failure: error.message };
      }
      yield result;
    }
  }

  // What a page shows of a record: the same text, with what cannot be seen as JSON's own escapes.
  const UNSEEN =
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]/gu;
  const shown = (record) =>
    record.replace(UNSEEN, (one) =>
      Array.from({ length: one.length }, (_, at) => `\\u${one.charCodeAt(at).toString(16).padStart(4, "0")}`).join(""),
    );

  /** What a record says: the JSON alone, without its officer's signature. */
  const read = (record) => JSON.parse(record.endsWith("\n") ? noteOf(record).text : record);

  /** The places that are not as they were made, of what is shown; where some are missing, the one before them. */
  const changed = (made, found) => {
    const differs = (at, from) => made[at + from] !== hashOfText(found[at]).slice(0, 16);
    const all = [...found.keys()];
    if (made.length === found.length) return all.filter((at) => differs(at, 0));
    const start = all.find((at) => differs(at, 0)) ?? found.length;
    const end = all.findLast((at) => at < start || differs(at, made.length - found.length)) ?? 0;
    return all.slice(Math.max(0, Math.min(start, end)), Math.max(start, end) + 1);
  };

  return { verify, shown, read, changed, hashOfBytes: (bytes) => hex(sha256(bytes)) };
})();
