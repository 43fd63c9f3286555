/** Icon for "people"; the text beside it says the same for screen readers. */
export function PeopleMark() {
  return (
    <svg class="mark" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <circle cx="8" cy="5" r="2.75" fill="currentColor" />
      <path d="M2.5 14c0-3 2.4-4.9 5.5-4.9s5.5 1.9 5.5 4.9z" fill="currentColor" />
    </svg>
  );
}
