/**
 * The mesh with the real connections in it. A chunk of its own: simple-peer and what checks signals are loaded when
 * the first connection is near, not before the page can take a file.
 */
import { IceConfig } from './ice-config.ts';
import { Mesh } from './mesh.ts';
import type { MeshWorker } from './mesh.ts';
import { PeerLink } from './peer-link.ts';

export function openMesh(worker: MeshWorker): Mesh {
  const ice = new IceConfig();
  return new Mesh(worker, async (role, listener) => {
    const servers = await ice.servers();
    try {
      return new PeerLink(role, servers, listener);
    } catch {
      // The browser refuses more connections until its garbage collection: as good as a failed dial.
      return null;
    }
  });
}
