/** Build: js/ → gen/: wall.mjs + wall.css, case.mjs, stub.js (the Dash component), maplibre-worker.mjs, notices. */
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const OUT = 'gen';
const COMMON = /** @type {const} */ ({
  bundle: true,
  minify: true,
  target: 'es2022',
  legalComments: 'none', // the notices file carries them, whole
  metafile: true,
  logLevel: 'warning',
  define: { 'process.env.NODE_ENV': '"production"' },
  loader: { '.svg': 'dataurl' },
});

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });

const wall = await build({ ...COMMON, format: 'esm', entryPoints: { wall: 'js/main.js' }, outdir: OUT, outExtension: { '.js': '.mjs' } });
// MapLibre's worker stays a file of its own: a worker from the same origin needs no blob: in the page's policy.
const worker = await build({
  ...COMMON,
  format: 'esm',
  entryPoints: { 'maplibre-worker': 'node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs' },
  outdir: OUT,
  outExtension: { '.js': '.mjs' },
});
const page = await build({ ...COMMON, format: 'esm', entryPoints: { case: 'js/case.js' }, outdir: OUT, outExtension: { '.js': '.mjs' } });
const stamp = await stampOf('wall');
const caseStamp = await stampOf('case');
await build({ ...COMMON, format: 'iife', entryPoints: { stub: 'js/stub.js' }, outdir: OUT, define: { __STAMP__: JSON.stringify(stamp), __CASE__: JSON.stringify(caseStamp) } });
await writeFile(`${OUT}/THIRD_PARTY_NOTICES.txt`, await notices([wall.metafile, worker.metafile, page.metafile]));

/** @param {string} name of a bundle */
async function stampOf(name) {
  return createHash('sha256').update(await readFile(`${OUT}/${name}.mjs`)).digest('hex').slice(0, 12);
}

/** Licence texts of every package whose code is in the bundle. A package without one stops the build.
 * @param {import('esbuild').Metafile[]} metafiles */
async function notices(metafiles) {
  const found = new Set();
  for (const metafile of metafiles) {
    for (const file of Object.keys(metafile.inputs)) {
      const at = file.lastIndexOf('node_modules/');
      const name = /** @type {RegExpMatchArray} */ (file.slice(at + 13).match(/^(@[^/]+\/)?[^/]+/) ?? ['']);
      if (at >= 0) found.add(file.slice(0, at + 13) + name[0]);
    }
  }
  const texts = await Promise.all([...found].sort().map(notice));
  return `Software of others in the browser bundle of Gridhall, and its licences.\n\n${texts.join('\n')}`;
}

/** @param {string} folder */
async function notice(folder) {
  const facts = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file)).sort();
  const bodies = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const text = bodies.join('\n') || (await ownWords(folder));
  if (!text && !facts.license) throw new Error(`${facts.name} carries no licence`);
  return `${'-'.repeat(78)}\n${facts.name} ${facts.version} (${facts.license})\n\n${text || `Licence: ${facts.license}. ${author(facts)}`}\n`;
}

/** Some packages say their licence only in the README.
 * @param {string} folder */
async function ownWords(folder) {
  const readme = (await readdir(folder)).find((file) => /^readme/i.test(file));
  const text = readme ? await readFile(join(folder, readme), 'utf8') : '';
  return text.match(/^#+ *licen[cs]e[^]*/im)?.[0] ?? '';
}

/** @param {{author?: string | {name: string}}} facts */
function author(facts) {
  return `Copyright ${typeof facts.author === 'object' ? facts.author.name : (facts.author ?? 'its authors')}`;
}
