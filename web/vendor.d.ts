/** The bundled build of simple-peer brings its own buffer and streams, and has no types of its own. */
declare module 'simple-peer/simplepeer.min.js' {
  import Peer from 'simple-peer';
  export default Peer;
}

/** What the platform's types do not have yet: Chromium alone gives handles of a person's files ([LB5]). */
interface FileSystemHandle {
  requestPermission?(asked: { mode: 'read' }): Promise<PermissionState>;
}
interface DataTransferItem {
  getAsFileSystemHandle?(): Promise<FileSystemFileHandle | FileSystemDirectoryHandle | null>;
}
interface Window {
  showOpenFilePicker?(asked: { multiple: boolean }): Promise<FileSystemFileHandle[]>;
  showDirectoryPicker?(options?: {
    id?: string;
    mode?: 'readwrite';
    startIn?: string;
  }): Promise<FileSystemDirectoryHandle>;
}
