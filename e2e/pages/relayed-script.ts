/**
 * In the browser, before the page's own scripts: whoever the page connects to is to be found at one address alone, that
 * of a relay, whatever candidates come.
 */
declare const RELAYED_CANDIDATE: string;

const { setRemoteDescription } = RTCPeerConnection.prototype;

RTCPeerConnection.prototype.setRemoteDescription = function (
  this: RTCPeerConnection,
  description?: RTCSessionDescriptionInit,
): Promise<void> {
  const { type = 'offer', sdp = '' } = description ?? {};
  const lines = sdp.split('\r\n').filter((line) => line !== '' && !line.startsWith('a=candidate:'));
  const relayed = [...lines, RELAYED_CANDIDATE, ''].join('\r\n');
  return setRemoteDescription.call(this, { type, sdp: relayed });
} as typeof setRemoteDescription;

RTCPeerConnection.prototype.addIceCandidate = (): Promise<void> => Promise.resolve();
