/** Somewhere to write text to, which fails while it is told to. */
export function textTarget() {
  return {
    text: '',
    isFailing: false,
    write(text: string): void {
      if (this.isFailing) throw new Error('the pipe is broken');
      this.text += text;
    },
  };
}
