import { Box, Text, render, useApp, useCursor, useInput, usePaste } from 'ink';
import { createElement, memo } from 'react';

/**
 * All that the screen takes from Ink and React, and nothing of ours: the build makes one file of it, which loads in less than half the time.
 */
export const ink = { Box, Text, render, useApp, useCursor, useInput, usePaste, createElement, memo };
