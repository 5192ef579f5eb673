/**
 * In the browser, before the page's own scripts: whoever the page connects to is to be found at one address alone, that
 * of a relay, whatever candidates come.
 */
declare const RELAYED_CANDIDATE: string;

/** Connections that were made so, for whoever wants to know. */
const made = new Set<RTCPeerConnection>();
Object.assign(globalThis, { relayedConnections: () => made.size });

const setRemoteDescription: (
  this: RTCPeerConnection,
  description: RTCSessionDescriptionInit,
) => Promise<void> = RTCPeerConnection.prototype.setRemoteDescription;

RTCPeerConnection.prototype.setRemoteDescription = function (
  this: RTCPeerConnection,
  { type, sdp = '' }: RTCSessionDescriptionInit,
): Promise<void> {
  made.add(this);
  const lines = sdp.split('\r\n').filter((line) => line !== '' && !line.startsWith('a=candidate:'));
  return setRemoteDescription.call(this, { type, sdp: [...lines, RELAYED_CANDIDATE, ''].join('\r\n') });
};

RTCPeerConnection.prototype.addIceCandidate = (): Promise<void> => Promise.resolve();
