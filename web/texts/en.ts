import type { NameProblem } from '../profile.ts';

const NAME_PROBLEMS: Record<NameProblem, string> = {
  EMPTY: 'Please give a name.',
  FORBIDDEN_CHARACTER:
    'This name has a hidden character that names cannot have. Please type it without copying.',
  INVISIBLE: 'A name needs at least one character that others can see.',
  TOO_LONG: 'A name has at most 50 characters.',
};

const REFUSALS: Readonly<Record<string, string>> = {
  BAD_NAME: 'The server does not accept this name.',
  BAD_MESSAGE: 'A message has 1 to 4,000 characters.',
  BAD_ROOM_ID: 'There can be no room with this number.',
  BAD_SENDER: 'The server does not accept this name.',
  BODY_TOO_LARGE: 'This message is too large for the server. Send it in parts.',
  HOST_REFUSED:
    'The server does not answer under this address. Ask its operator for the right one.',
  ID_TAKEN: 'A different message has gone out under this one’s id.',
  RATE_LIMITED: 'That was too fast. Wait a moment and try again.',
  STORE_FAILED: 'The server cannot save messages at the moment. Try again later.',
  STORE_FULL: 'The server has no room for more messages.',
  TOO_MANY_MEMBERSHIPS: 'You are in as many rooms as you can be. Leave one first.',
  TOO_MANY_NEW_ROOMS:
    'Too many new rooms have come from your network. Choose an existing one, or try again in an hour.',
  TOO_MANY_REFUSALS: 'Too many requests were refused in a short time.',
  TOO_MANY_ROOMS: 'The server has as many rooms as it may have.',
  UNSURE: 'It went out long ago, and nobody knows whether it arrived.',
};

/** Every sentence of the page in English; the other languages have the same keys. */
export const en = {
  appName: 'Stomping Ground',
  awayConnecting: 'Connection lost. Connecting again…',
  awayFirst: 'Connecting…',
  awayInLobby:
    'Connection lost. What you wrote in a room is sent when you are there again, and it is back.',
  awayRefused: (code: string, text: string) =>
    `The server ended the connection: ${REFUSALS[code] ?? text}`,
  awayWaiting: 'Connection lost. What you write is sent when it is back.',
  backToLobby: 'All rooms',
  composerLabel: 'Message',
  composerPlaceholder: 'Write a message',
  counter: (left: number) =>
    left >= 0 ? `${left} characters left` : `${-left} characters too many`,
  createRoom: 'Create',
  createRoomHint: 'It gets the next free number.',
  createRoomLabel: 'Name a new room',
  discard: 'Discard',
  enterAs: 'Enter',
  enterTitle: (room: string) => `Who enters ${room}?`,
  failed: 'Not sent',
  gap: 'Some of what was said here could not be recovered.',
  historyBeginning: 'This is where it begins.',
  historyExpired: 'What was said before this is no longer kept.',
  historyFull: 'More does not fit here. Back at the newest messages there is room again.',
  leaveRoom: 'Leave',
  lobbyIntro: 'Rooms to talk in. Choose one, or open any number.',
  messagesLabel: 'Messages',
  moreRooms: (count: number) => `and ${count} more rooms with fewer people`,
  nameHint: 'Others see it beside what you say.',
  nameLabel: 'Your name',
  nameProblems: NAME_PROBLEMS,
  newMessages: (count: number) => (count === 1 ? '1 new message' : `${count} new messages`),
  noRooms: 'No rooms yet. Open any number and it is there.',
  olderFailed: 'Older messages could not be loaded.',
  olderLoading: 'Loading messages…',
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
  retryOlder: 'Load again',
  roomListLoading: 'Looking for rooms…',
  roomTitle: (roomId: string) => `Room ${roomId}`,
  rooms: 'Rooms',
  send: 'Send',
  sending: 'Sending…',
  sent: 'Sent',
  tooLong: 'This is too long to send.',
  tryNow: 'Try now',
  unknownPage: 'There is no such page',
  unknownPageHint: 'The address may be misspelt.',
  unreachable: 'The server cannot be reached. Please try again.',
  waiting: 'Waiting',
  you: 'you',
};
