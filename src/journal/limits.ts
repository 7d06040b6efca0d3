/** How many lines of output are kept for a node and run, about: Redis cuts off whole blocks of up to a hundred. */
export const OUTPUT_LINES = 5000;
