/** What the folder in which Shoal keeps its notes is called, where it lies in a folder that is written to or seeded. */
export const STATE_FOLDER_NAME = '.shoal';
