/** Why a share is not saved whose saving code is not on this device. */
export const NOT_LOADED = 'the server, from which the page loads what saves a file, cannot be reached';
