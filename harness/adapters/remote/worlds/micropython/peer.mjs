// The peer of MicroPython: lines come in and go out here, Python answers them.  The argument is the folder of the package.
import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const { loadMicroPython } = await import(pathToFileURL(path.join(process.argv[2], "micropython.mjs")));
const micropython = await loadMicroPython({ heapsize: 1 << 25, stdout: (text) => console.error(text) });
micropython.FS.mkdirTree("/peer");
for (const folder of ["../any_python", "."])
  for (const file of fs.readdirSync(path.join(here, folder)).filter((name) => name.endsWith(".py")))
    micropython.FS.writeFile(`/peer/${file}`, fs.readFileSync(path.join(here, folder, file)));
micropython.runPython("import sys\nsys.path.insert(0, '/peer')\nfrom peer import peer, answer");

const answer = micropython.globals.get("answer");
for await (const line of readline.createInterface({ input: process.stdin })) {
  const text = answer(line);
  if (text) fs.writeSync(1, text + "\n");
  else break;
}
process.exit(0);
