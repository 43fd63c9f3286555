import type { Texts } from './en.ts';

const REFUSALS: Readonly<Record<string, string>> = {
  BAD_NAME: '사용할 수 없는 이름입니다. 다른 이름을 입력해 주세요.',
  BAD_MESSAGE: '메시지는 1자 이상 4,000자 이하로 입력해 주세요.',
  BAD_ROOM_ID: '올바른 방 번호나 아이디가 아닙니다.',
  BAD_SENDER: '사용할 수 없는 이름입니다. 방 목록에서 이름을 바꾼 뒤 다시 들어와 주세요.',
  BODY_TOO_LARGE: '메시지가 너무 커서 보낼 수 없습니다. 여러 개로 나누어 보내 주세요.',
  HOST_REFUSED: '이 주소로는 서버를 이용할 수 없습니다. 운영자에게 올바른 주소를 문의해 주세요.',
  ID_TAKEN: '다른 메시지와 식별자가 겹칩니다. 다시 보내 주세요.',
  RATE_LIMITED: '짧은 시간에 요청이 너무 많았습니다. 잠시 후 다시 시도해 주세요.',
  STORE_FAILED: '지금은 서버에 메시지를 저장할 수 없습니다. 나중에 다시 시도해 주세요.',
  STORE_FULL: '서버의 저장 공간이 가득 찼습니다. 나중에 다시 시도해 주세요.',
  TOO_MANY_MEMBERSHIPS:
    '동시에 들어갈 수 있는 방의 수를 넘었습니다. 다른 방에서 나간 뒤 다시 시도해 주세요.',
  TOO_MANY_NEW_ROOMS:
    '같은 네트워크에서 새 방을 너무 많이 만들었습니다. 이미 있는 방에 들어가거나 한 시간 뒤에 다시 시도해 주세요.',
  TOO_MANY_REFUSALS: '짧은 시간에 거절된 요청이 너무 많았습니다.',
  TOO_MANY_ROOMS: '서버에 방을 더 만들 수 없습니다. 이미 있는 방에 들어가 주세요.',
  UNSURE: '오래전에 보냈지만 도착했는지 알 수 없습니다. 도착하지 않았다면 다시 보내 주세요.',
};

const refusal = (code: string, text: string): string =>
  REFUSALS[code] ?? `서버가 요청을 거절했습니다(${code}): ${text}`;

/** All texts of the page in Korean. */
export const ko: Texts = {
  appName: 'Stomping Ground',
  awayConnecting: '연결이 끊겼습니다. 다시 연결하는 중…',
  awayFirst: '연결하는 중…',
  awayInLobby:
    '연결이 끊겼습니다. 보내지 못한 메시지는 다시 연결된 뒤 해당 방에 들어가면 전송됩니다.',
  awayRefused: (code, text) => `서버가 연결을 끊었습니다. ${REFUSALS[code] ?? text}`,
  awayWaiting: '연결이 끊겼습니다. 지금 쓰는 메시지는 다시 연결되면 전송됩니다.',
  backToLobby: '방 목록으로',
  composerLabel: '메시지',
  composerPlaceholder: '메시지를 입력하세요',
  counter: (left) => (left >= 0 ? `${left}자 남음` : `${-left}자 초과`),
  createRoom: '만들기',
  createRoomHint: '방 번호는 자동으로 정해집니다.',
  createRoomLabel: '새 방 이름',
  discard: '삭제',
  enterAs: '입장',
  enterTitle: (room) => `${room}에서 사용할 이름을 입력해 주세요`,
  failed: (code, text) =>
    code === 'UNSURE' ? refusal(code, text) : `전송하지 못했습니다. ${refusal(code, text)}`,
  gap: '이 사이의 메시지 일부는 서버에 남아 있지 않아 표시할 수 없습니다.',
  historyBeginning: '대화가 여기서 시작되었습니다.',
  historyExpired: '더 오래된 메시지는 보관되어 있지 않습니다.',
  historyFull:
    '이 화면에는 메시지가 2,000개까지 표시됩니다. 더 오래된 메시지는 서버에 남아 있습니다.',
  leaveRoom: '나가기',
  lobbyIntro: '대화할 방을 고르거나 번호를 입력해 방을 여세요.',
  messagesLabel: '메시지 목록',
  moreRooms: (count) => `그 밖의 방 ${count}개`,
  nameHint: '대화할 때 다른 사람에게 보이는 이름입니다.',
  nameLabel: '내 이름',
  nameProblems: {
    EMPTY: '이름을 입력해 주세요.',
    FORBIDDEN_CHARACTER:
      '이름에 쓸 수 없는 숨은 문자가 들어 있습니다. 붙여 넣지 말고 직접 입력해 주세요.',
    INVISIBLE: '이름에는 눈에 보이는 글자가 한 자 이상 있어야 합니다.',
    TOO_LONG: '이름은 50자 이하로 입력해 주세요.',
  },
  newMessages: (count) => `새 메시지 ${count}개`,
  noRooms: '아직 방이 없습니다. 번호를 입력하면 새 방이 열립니다.',
  olderFailed: '이전 메시지를 불러오지 못했습니다.',
  olderLoading: '메시지를 불러오는 중…',
  openRoom: '열기',
  openRoomLabel: '방 번호나 아이디로 열기',
  openRoomProblem: '영문자, 숫자, _, -만 사용해 1자 이상 64자 이하로 입력해 주세요.',
  outboxFull: '전송을 기다리는 메시지가 너무 많습니다. 다시 연결된 뒤에 보내 주세요.',
  pageTitle: (room) => `${room} · Stomping Ground`,
  people: (count) => `${count}명`,
  peopleLabel: '이 방에 있는 사람',
  peopleMore: (count) => `외 ${count}명`,
  refusal,
  retry: '다시 보내기',
  retryIn: (seconds) => `${seconds}초 후 다시 연결`,
  retryOlder: '다시 불러오기',
  roomListLoading: '방 목록을 불러오는 중…',
  // Only a number takes the counter 번; an id such as `tea` stands by itself.
  roomTitle: (roomId) => (/^\d+$/.test(roomId) ? `${roomId}번 방` : `${roomId} 방`),
  rooms: '방 목록',
  send: '보내기',
  sending: '보내는 중…',
  sent: '보냄',
  tooLong: '메시지가 너무 깁니다. 줄여서 보내 주세요.',
  tryNow: '지금 연결',
  unknownPage: '페이지를 찾을 수 없습니다',
  unknownPageHint: '주소를 확인하거나 방 목록으로 돌아가 주세요.',
  unreachable: '서버에 연결할 수 없습니다. 다시 시도해 주세요.',
  waiting: '전송 대기 중',
  you: '나',
};
