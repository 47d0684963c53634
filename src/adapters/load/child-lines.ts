/** Starts a line on a child's stdout that tells of an edge of the window, as it happens. */
export const WINDOW_LINE = 'window ';
