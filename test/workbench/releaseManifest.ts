import * as v from "valibot";

const manifestSchema = v.looseObject({ version: v.string() });

/** The manifest of a release from `repository` (such as "owner/name"). Throws where `tag` is not that of its version. */
export function releaseManifest(manifest: string, repository: string, tag: string): string {
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) throw new Error(`"${repository}" is not a repository's owner and name.`);
  const parsed = v.parse(v.pipe(v.string(), v.parseJson(), manifestSchema), manifest);
  if (tag !== `v${parsed.version}`) throw new Error(`The tag ${tag} is not that of version ${parsed.version}.`);
  const page = `https://github.com/${repository}`;
  const released = {
    ...parsed,
    homepage: `${page}#readme`,
    repository: { type: "git", url: `${page}.git` },
    bugs: { url: `${page}/issues` },
  };
  return `${JSON.stringify(released, undefined, 2)}\n`;
}
