/** Every bound of the core, with its unit. A value from outside that exceeds one is refused, never cut. */

/** TorrentInno's handshake: magic 11 + peer id 32 + info-hash 32. */
export const HANDSHAKE_BYTES = 75;
/** What we ask for at once ([RQ1]). */
export const BLOCK_BYTES = 65_536;
/** The largest block anybody may ask for or send; TorrentInno's own bound. */
export const MAX_BLOCK_BYTES = 1_000_000;
/** Bytes of a piece frame before its data: length 4, type 1, piece 4, offset 4, block length 4. */
export const PIECE_HEADER_BYTES = 17;
/** The largest body a frame may claim ([WF3]); a bitfield, have or metadata frame is far below it. */
export const MAX_FRAME_BODY_BYTES = 13 + MAX_BLOCK_BYTES;
/** Piece indexes in one have frame. */
export const MAX_HAVE_INDEXES = 1_024;
/** Bytes of manifest in one metadata frame. */
export const METADATA_CHUNK_BYTES = 65_536;

/** Pieces in one share. Our own shares stay at 10,000; the rest is room for other people's resources. */
export const MAX_PIECES = 16_384;
/** Ranges of pieces that one order may put first. */
export const MAX_FIRST_RANGES = 64;
export const TARGET_MAX_PIECES = 10_000;
export const MIN_AUTOMATIC_PIECE_BYTES = 262_144;
/** The largest piece TorrentInno loads. */
export const TORRENTINNO_MAX_PIECE_BYTES = 1_000_000;
/** A piece is held in memory whole while it is hashed. */
export const MAX_PIECE_BYTES = 67_108_864;
/** A manifest's JSON text in UTF-8. */
export const MAX_MANIFEST_BYTES = 4_194_304;
/** Files and empty folders in one share, together. */
export const MAX_FILES = 10_000;
/** Addresses of a share's content: one for each file, or many for a few. The manifest's own bound counts as well. */
export const MAX_URLS = 10_000;
/** Characters (all ASCII) of such an address. */
export const MAX_URL_LENGTH = 2_048;
/** [WS22] Of each block that is looked at a second time: what is asked for costs a server more than what it answers. */
export const SAMPLE_BYTES = 512;
/** [WF13] [WF14] Text of what peers tell each other of a file at a web address, and of one to be fetched for them. */
export const MAX_WEB_FACTS_BYTES = 4_096;
export const MAX_WEB_JOB_BYTES = 8_192;
/** [WF15] Bytes of what a lender found at an address. */
export const MAX_WEB_FOUND_BYTES = 4_096;
/** [WS31] Jobs that may be told on one connection. */
export const MAX_WEB_JOBS = 8;
/** ms from 1970, back and forth: what a JavaScript Date can hold. */
export const MAX_DATE_MS = 8_640_000_000_000_000;
export const MAX_PATH_DEPTH = 32;
/** UTF-8 bytes of a file's or folder's name: what common file systems hold. */
export const MAX_NAME_BYTES = 255;
/** UTF-16 code units of a comment without its marker. */
export const MAX_COMMENT_LENGTH = 1_000;
export const MAX_HOST_LENGTH = 253;
/** UTF-16 code units of a creation date: Python reads a fraction of any length. */
export const MAX_DATE_LENGTH = 255;
/** 128 bits in base64url without padding. */
export const SALT_LENGTH = 22;

/** Characters of the opaque payload of a signal message. */
export const MAX_SIGNAL_BYTES = 16_384;
/** Peers in one announce answer. */
export const MAX_ANNOUNCED_PEERS = 50;

/** The grid that names blocks: every block's offset is a multiple. The smallest block we ever ask for. */
export const BLOCK_GRID_BYTES = 16_384;
/** Bytes a second: below such a limit blocks are asked for in the smallest size, so that each is less of a burst. */
export const SMALL_BLOCKS_BELOW = 256_000;
/** Requests we keep unanswered with one peer; an unmodified peer queues as many. */
export const MAX_OUTSTANDING_REQUESTS = 500;
export const MAX_OUTSTANDING_BYTES = 16_777_216;
/** Requests of one peer that wait for us. TorrentInno's leecher sends five a second and waits 60 s. */
export const MAX_QUEUED_REQUESTS = 512;
/** Requests that timed out or were cancelled and may still be answered, for one peer. */
export const MAX_LATE_REQUESTS = 4_096;
/** Received pieces that are not stored yet, in bytes; two pieces are always allowed. */
export const MAX_HELD_BYTES = 67_108_864;
/** Pieces that are looked up in the store together … */
export const LOOKED_UP_TOGETHER = 1_024;
/** … and bytes of found ones that are read and verified at a time; one piece is always allowed. */
export const MAX_ADOPTING_BYTES = 50_331_648;
/** Buffers of stored pieces kept for the next ones, in bytes. */
export const MAX_SPARE_PIECE_BYTES = 8_388_608;
/** Bytes ordered sent to one peer that have not left yet, before the next block is served. */
export const SEND_WINDOW_BYTES = 393_216;
/** Bytes ordered sent to one peer that have not left, answers of all kinds together: who asks on and reads nothing goes. */
export const MAX_UNSENT_BYTES = 4_194_304;
/** Frames of a peer at once, and a second, those with blocks aside; every block, either way, makes two more right. */
export const FRAMES_AT_ONCE = 8_192;
export const FRAMES_A_SECOND = 2_000;
/** Metadata requests of one peer that wait for room in its send window. */
export const MAX_QUEUED_METADATA = 128;

/** Connections of one share, unless the person wants fewer or more … */
export const MAX_LINKS = 55;
/** … which may be so many at most. */
export const MOST_LINKS_TO_SET = 200;
/** So many connections are sought; the rest is room for those who come later and can only be found by dialling. */
export const SOUGHT_LINKS = 30;
/** Peers remembered beyond those that are connected. */
export const MAX_KNOWN_PEERS = 400;
/** Peers remembered as banned. */
export const MAX_BANNED_PEERS = 1_000;
/** ms from the opening of a connection to its handshake. */
export const HANDSHAKE_TIMEOUT_MS = 20_000;
