export function initMarks() {}
