// What the drivers for Node share: calls are read from standard input, a JSON line each, and answered on standard output.
"use strict";

const readline = require("node:readline");

// openCalls: makes the client from a line that opens it, and answers its calls by what they ask of the service.
// refusalOf: what the client's own error tells of the service's refusal; null where it tells of none, which is a crash.
exports.serve = async function (openCalls, refusalOf) {
  console.log = console.error; // clients may print
  const say = (answer) => process.stdout.write(JSON.stringify(answer) + "\n");
  let calls = null;
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const asked = JSON.parse(line);
    if (asked.open) {
      calls = openCalls(asked.open);
      say({ calls: Object.keys(calls).sort() });
      continue;
    }
    try {
      say({ answer: (await calls[asked.call](asked)) ?? null });
    } catch (error) {
      const refusal = refusalOf(error);
      say(refusal === null ? { crash: String(error) } : refusal);
    }
  }
};
