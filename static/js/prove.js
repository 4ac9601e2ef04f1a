// A worker: finds the counter whose derived key begins as the puzzle wants it (altcha's proof of work, second version).
const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

self.addEventListener("message", async (event) => {
  const { nonce, salt, cost, keyLength, keyPrefix } = event.data.parameters;
  const start = bytes(nonce);
  const password = new Uint8Array(start.length + 4);
  password.set(start);
  const counterAt = new DataView(password.buffer, start.length);
  const manner = { name: "PBKDF2", hash: "SHA-256", salt: bytes(salt), iterations: cost };
  for (let counter = 0; ; counter += 1) {
    counterAt.setUint32(0, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const derivedKey = hex(await crypto.subtle.deriveBits(manner, key, keyLength * 8));
    if (derivedKey.startsWith(keyPrefix)) {
      self.postMessage({ counter, derivedKey });
      return;
    }
  }
});
