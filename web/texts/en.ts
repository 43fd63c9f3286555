import type { NameProblem } from '../profile.ts';

const NAME_PROBLEMS: Record<NameProblem, string> = {
  EMPTY: 'Please give a name.',
  FORBIDDEN_CHARACTER: 'A name is one line without control characters.',
  TOO_LONG: 'A name has at most 50 characters.',
};

const REFUSALS: Readonly<Record<string, string>> = {
  BAD_MESSAGE: 'A message has 1 to 4,000 characters.',
  BAD_ROOM_ID: 'There can be no room with this number.',
  BAD_SENDER: 'The server does not accept this name.',
  ID_TAKEN: 'A different message has gone out under this one’s id.',
  RATE_LIMITED: 'That was too fast. Wait a moment and try again.',
};

/** Every sentence of the page in English; the other languages have the same keys. */
export const en = {
  appName: 'Stomping Ground',
  awayConnecting: 'Connection lost. Connecting again…',
  awayFirst: 'Connecting…',
  awayRefused: (text: string) => `The server refused the connection: ${text}`,
  awayWaiting: 'Connection lost. What you write is sent when it is back.',
  backToLobby: 'All rooms',
  composerLabel: 'Message',
  composerPlaceholder: 'Write a message',
  counter: (left: number) =>
    left >= 0 ? `${left} characters left` : `${-left} characters too many`,
  createRoom: 'Create',
  createRoomHint: 'It gets the next free number.',
  createRoomLabel: 'Name a new room',
  enterAs: 'Enter',
  enterTitle: (room: string) => `Who enters ${room}?`,
  failed: 'Not sent',
  leaveRoom: 'Leave',
  lobbyIntro: 'Rooms to talk in. Choose one, or open any number.',
  messagesLabel: 'Messages',
  moreRooms: (count: number) => `and ${count} more rooms with fewer people`,
  nameHint: 'Others see it beside what you say.',
  nameLabel: 'Your name',
  nameProblems: NAME_PROBLEMS,
  newMessages: (count: number) => (count === 1 ? '1 new message' : `${count} new messages`),
  noMessages: 'Nothing has been said since you came in.',
  noRooms: 'No rooms yet. Open any number and it is there.',
  openRoom: 'Open',
  openRoomLabel: 'Open a room by number or id',
  openRoomProblem: 'A room goes by 1 to 64 letters A–Z, digits, _ or -.',
  outboxFull: 'Too many messages wait to be sent. Try again when the connection is back.',
  pageTitle: (room: string) => `${room} · Stomping Ground`,
  people: (count: number) => (count === 1 ? '1 person' : `${count} people`),
  peopleLabel: 'People in this room',
  peopleMore: (count: number) => `and ${count} more`,
  refusal: (code: string, text: string) =>
    REFUSALS[code] ?? `The server said no (${code}): ${text}`,
  retry: 'Send again',
  retryIn: (seconds: number) => `Next try in ${seconds} s`,
  roomListLoading: 'Looking for rooms…',
  roomTitle: (roomId: string) => `Room ${roomId}`,
  rooms: 'Rooms',
  send: 'Send',
  sending: 'Sending…',
  tooLong: 'This is too long to send.',
  tryNow: 'Try now',
  unknownPage: 'There is no such page',
  unknownPageHint: 'The address may be misspelt.',
  unreachable: 'The server cannot be reached. Please try again.',
  you: 'you',
};
