// The peer of Pyodide: lines come in and go out here, Python answers them.  The argument is the folder of the package.
import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const { loadPyodide } = await import(pathToFileURL(path.join(process.argv[2], "pyodide.mjs")));
const pyodide = await loadPyodide({ stdout: (text) => console.error(text) });
pyodide.FS.mkdirTree("/peer");
for (const folder of ["../any_python", "."])
  for (const file of fs.readdirSync(path.join(here, folder)).filter((name) => name.endsWith(".py")))
    pyodide.FS.writeFile(`/peer/${file}`, fs.readFileSync(path.join(here, folder, file)));
pyodide.runPython("import sys; sys.path.insert(0, '/peer')");

// What getBuffer() gives of an object, held: read() gives the elements in C order, found as its documentation has it.
function take(proxy) {
  const view = proxy.getBuffer();
  return {
    read() {
      const count = view.shape.reduce((product, extent) => product * extent, 1);
      let bytes = "";
      for (let k = 0; k < count; ++k) {
        let rest = k;
        let at = view.offset;
        for (let d = view.ndim - 1; d >= 0; --d) {
          at += (rest % view.shape[d]) * view.strides[d];
          rest = Math.floor(rest / view.shape[d]);
        }
        const item = view.data.slice(at, at + 1);
        bytes += Buffer.from(item.buffer, item.byteOffset, item.byteLength).toString("hex");
      }
      return bytes;
    },
    release() {
      view.release();
    },
  };
}

const makePeer = pyodide.runPython("from peer import make_peer; make_peer");
const peer = makePeer(pyodide.version, take);
for await (const line of readline.createInterface({ input: process.stdin })) {
  const answer = peer.answer(line);
  if (answer !== undefined) fs.writeSync(1, answer + "\n");
  if (peer.has_ended) break;
}
process.exit(0);
