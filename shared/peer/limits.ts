/** Every bound of a peer beyond those of its machines, with its unit. */

/** One transaction of the batching writer takes at most this many pieces … */
export const MAX_BATCH_PIECES = 64;
/** … and about this many bytes (a single larger piece still goes, alone). */
export const MAX_BATCH_BYTES = 16 * 1_048_576;
/** … and waits no longer for what would be enough to be worth it, in ms. */
export const GATHERING_MS = 200;
/** … nor for more than this part of what still comes: what a browser that is killed has not stored comes again. */
export const GATHERED_PART = 1 / 32;
/** Content that is adopted is read in one go up to this many bytes, or one piece … */
export const READ_TOGETHER_BYTES = 16 * 1_048_576;
/** … and so many times at once: one is hashed while another is read. */
export const READ_AT_ONCE = 2;

/** Pieces that are looked at where all would take too long, beside the first and the last. */
export const SAMPLED_PIECES = 8;
/** After an unclean end: the pieces that were put last, of which the disk may have lost most, … */
export const LATEST_PIECES = 16;
/** … and pieces that are read and hashed at a time. */
export const CHECKED_AT_ONCE = 4;
/** Shares of the same size that are compared with files about to be shared. */
export const MOST_COMPARED_SHARES = 8;

/** What is copied of a small share at once, as much as one segment of the store holds … */
export const COPY_STEP_BYTES = 4 * 1_048_576;
/** … ms between two of these steps … */
export const COPY_GAP_MS = 50;
/** … and between two looks at whether there is anything else to do. */
export const COPY_LOOK_MS = 1_000;
/** ms between two runs of the clean-up. */
export const CLEAN_UP_EVERY_MS = 3_600_000;
/** ms after its last use in which no share is removed for the room that it takes. */
export const RECENTLY_USED_MS = 3_600_000;
export const DAY_MS = 86_400_000;
/** ms without anything to do before the store is compacted … */
export const IDLE_BEFORE_COMPACTION_MS = 5_000;
/** … after something was removed … */
export const IDLE_AFTER_REMOVAL_MS = 1_000;
/** … and between two of its steps. */
export const COMPACTION_GAP_MS = 100;

/** Whole pieces kept in memory to serve blocks from. */
export const CACHE_BYTES = 32 * 1_048_576;

/** What is read from a person's file at once where smaller pieces are asked for in order. */
export const FILE_WINDOW_BYTES = 4 * 1_048_576;
/** [UP8] Pieces, or windows of them, that one share reads before they are served, at a time. */
export const MOST_READ_AHEAD = 2;

/** What is read at once while a share is made: large sequential reads are ten times as fast as small ones. */
export const HASH_WINDOW_BYTES = 8 * 1_048_576;
/** Windows that are read or being hashed at the same time: bounds the memory to about twice this many windows. */
export const HASH_WINDOWS_IN_FLIGHT = 2;
/** Milliseconds between two reports of progress, at least. */
export const PROGRESS_INTERVAL_MS = 100;

/** Bytes of pieces in one inner Blob when a file is put together without a service worker. */
export const BLOB_GROUP_BYTES = 64 * 1_048_576;

/** Small frames to one peer are put together into messages of at most this. */
export const JOINED_MESSAGE_BYTES = 16_384;

/** What is being read ahead while a file is saved, at most: every read costs the browser some milliseconds. */
export const READ_AHEAD_BYTES = 4 * 1_048_576;
export const READ_AHEAD_PIECES = 16;

/** Connections of the whole peer, those under way included: browsers refuse the 501st. */
export const MAX_CONNECTIONS = 200;
/** ms from the beginning of an attempt to its connection. */
export const ATTEMPT_TIMEOUT_MS = 30_000;
/** Ids of our own person's other peers that are remembered. */
export const MAX_OWN_TABS = 100;
/** ms between two new identities: the first is made at once, and a tracker that refuses all of them is not a reason to hurry. */
export const RENEW_EVERY_MS = 6_000;
/** ms between two tellings of what changed, at least. */
export const TELL_INTERVAL_MS = 200;
/** … and of a share of which nothing but its figures moves: to show them costs a page more than to move their bytes. */
export const FIGURES_INTERVAL_MS = 600;

/** ms between two looks at the clocks … */
export const WATCH_MS = 1_000;
/** … and how many more have to pass between them for a sleep: a busy moment is shorter. */
export const SLEPT_MS = 4_000;
/** ms between two looks at how others can be reached, at least: networks come and go in fits. */
export const CHECK_EVERY_MS = 2_000;
/** ms for the tracker to answer whether it is there … */
export const CHECK_PATIENCE_MS = 1_000;
/** … and to answer an announce. */
export const ANSWER_PATIENCE_MS = 15_000;

/** UTF-16 code units of an offer or answer: one for data alone, with all its candidates, has some thousands at most. */
export const MAX_DESCRIPTION_LENGTH = 8_192;
/** Candidates of one attempt in each direction, those inside the description included. */
export const MAX_ATTEMPT_CANDIDATES = 32;
/** Candidates of ours that name this device itself: the others are for those whom these do not reach. */
export const MAX_HOST_CANDIDATES = 16;
/** Candidates of one attempt that stand for a name. A browser makes up one for each of its networks. */
export const MAX_ATTEMPT_NAMES = 8;
/** Connections that we dial and that are not open yet, of the whole peer. */
export const MAX_DIALS = 120;
/** Attempts of others that are answered at once: each keeps a page and its network busy for some tens of ms … */
export const ACCEPTED_AT_ONCE = 4;
/** … and ms between those that follow. */
export const ACCEPT_GAP_MS = 60;
/** Interrupted connections beside which new ones are begun at once, as when the network is another one … */
export const REPLACED_AT_ONCE = 4;
/** … and ms between those that follow. */
export const REPLACE_GAP_MS = 60;
/** Connections that others dial and that are not open yet, of the whole peer … */
export const MAX_OFFERS = 80;
/** … and in one swarm. */
export const MAX_OFFERS_OF_A_SWARM = 55;
/** Attempts that one peer may begin at once. */
export const MAX_OFFERS_OF_A_PEER = 4;
/** Peers of which it is remembered when they began attempts. */
export const MAX_REMEMBERED_OFFERERS = 1_000;
/** ms that somebody else's attempt has before it may have to make way for a newer one. */
export const OFFER_PATIENCE_MS = 4_000;

/** [PN14] ms there and back from which on further connections to a peer are tried … */
export const SUBFLOWS_WORTH_MS = 10;
/** … and ms until they are tried again where they did not help. */
export const SUBFLOW_TRIAL_AGAIN_MS = 60_000;
/** Connections that blocks leave over at once, of the whole peer. */
export const MAX_BUSY_FLOWS = 4;
/** Further connections of a link at once, … */
export const MAX_SUBFLOWS_OF_A_LINK = 3;
/** … of those that the other side began in all its life, … */
export const MAX_SUBFLOWS_TAKEN = 9;
/** … and of the whole peer. */
export const MAX_SUBFLOWS = 24;

/** ms after the browser has ended the store in which what cannot be written is tried again … */
export const INTERRUPTED_MS = 10_000;
/** … and ms between two tries. */
export const RETRY_PUT_MS = 500;

/** [LB11] Rows of the history that have ended … */
export const MOST_HISTORY_ROWS = 1_000;
/** [LB12] … and rows of the transfer log that are kept, the latest of them … */
export const MOST_LOGGED_ROWS = 10_000;
/** … and told at once. */
export const LOGGED_AT_ONCE = 1_000;
/** [LB13] Days of which the bytes are kept. */
export const MOST_DAYS = 90;
/** ms between two times at which pieces and bytes that moved are written down. */
export const NOTE_EVERY_MS = 5_000;
/** ms without a byte that still count as moving, when the speed of a download is told. */
export const MOVING_GAP_MS = 10_000;
/** [LB17] Events of a share that are remembered, the latest of them. */
export const MOST_EVENTS = 500;
/** [LB17] ms between two samples of a share's speeds, and how many are remembered. */
export const SPEED_EVERY_MS = 2_000;
export const SPEED_SAMPLES = 150;
/** Digits of a peer's id by which a person tells one from another. */
export const SHORT_ID_DIGITS = 8;

/** [LB14] Bytes a second that a limit of the settings may be. */
export const MOST_LIMIT = 1_000_000_000_000;
/** [LB15] Peers that the person has disconnected and that are remembered. */
export const MOST_KICKED = 1_000;

/** [PN13] Searches that wait for an answer at once, of all tabs together … */
export const MOST_SEARCHES = 4;
/** … and ms that each waits. */
export const SEARCH_PATIENCE_MS = 10_000;
/** [LB18] ms after an announce in which the tracker still counts the member: less than `MEMBER_LIFE_MS`, by the way there. */
export const LISTING_LIFE_MS = 32_000;

/** [WS34] Bytes of one range that is fetched for others … */
export const MOST_ORIGIN_RANGE_BYTES = 4_194_304;
/** … bytes that are fetched before it is their turn to be sent … */
export const MOST_ORIGIN_AHEAD_BYTES = 8_388_608;
/** … ms without a byte of a range until it is given up, ms at most between two tries … */
export const ORIGIN_SILENCE_MS = 30_000;
export const MOST_ORIGIN_WAIT_MS = 60_000;
/** … and ms in which nothing came until the server is left for good. */
export const MOST_FAILING_MS = 300_000;
/** [WS35] Files that are fetched for others at a time, unless it is said otherwise, bytes of one … */
export const MOST_LENT_JOBS = 4;
export const MOST_LENT_BYTES = 1_000_000_000_000;
/** … ms without anybody connected, and without anything asked for, after which one ends … */
export const LENT_ALONE_MS = 60_000;
export const LENT_IDLE_MS = 600_000;
/** … without anybody connected, after which one makes way for another … */
export const LENT_LEFT_MS = 10_000;
/** … without anything that came for it, after which one makes way, too … */
export const LENT_QUIET_MS = 60_000;
/** … ms between two looks at that, and two notes of the bytes of the day … */
export const LENT_LOOK_MS = 5_000;
/** … servers that are asked about at once because somebody said so, and a second after that … */
export const LENT_PROBES_AT_ONCE = 16;
export const LENT_PROBES_A_SECOND = 0.2;
/** … and hosts that may be named. */
export const MOST_LEND_HOSTS = 100;
