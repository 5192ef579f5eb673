/** The bundled build of simple-peer brings its own buffer and streams, and has no types of its own. */
declare module 'simple-peer/simplepeer.min.js' {
  import Peer from 'simple-peer';
  export default Peer;
}
