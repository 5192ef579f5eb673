/** Types only: the manifest of a share as everything else knows it ([MF1], [MF2]). resource.ts makes it from bytes. */

export interface ManifestPiece {
  /** 64 lowercase hex digits. */
  readonly sha256: string;
  /** Bytes, at least 1. Pieces of one resource may differ in size. */
  readonly size: number;
}

export interface ShareFile {
  /** Folder names and the file's name, outermost first; checked safe ([MF6]). */
  readonly path: readonly string[];
  readonly size: number;
  /** Whole milliseconds since 1970 of its last change, where the sender told it. */
  readonly modified?: number;
}

/** Where a file of the share can be had over http or https. */
export interface ContentUrl {
  /** Checked ([MF2]) as far as text can be: no credentials, no fragment, ASCII. */
  readonly url: string;
  /** Index in the manifest's list of files. */
  readonly file: number;
}

/** A checked resource. The pieces run over the files' bytes one after another in the order of `files`. */
export interface Manifest {
  readonly trackerIp: string;
  readonly trackerPort: string;
  /** What a person typed, without the marker. */
  readonly comment: string;
  /** Canonical ([MF5]). */
  readonly creationDate: string;
  readonly name: string;
  readonly pieces: readonly ManifestPiece[];
  /** At least one. A single-file share's is `[{path: [name], size}]`. */
  readonly files: readonly ShareFile[];
  /** Paths of folders in which nothing lies. */
  readonly folders: readonly (readonly string[])[];
  readonly urls: readonly ContentUrl[];
  readonly totalBytes: number;
  /** The text of the `shoal` key and its SHA-256 in base64url; null for a plain TorrentInno resource. */
  readonly shoal: { readonly text: string; readonly digest: string } | null;
}
