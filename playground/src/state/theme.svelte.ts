// Light or dark: as the system has it, until the user says otherwise.
import type { Theme } from "../views/colors.ts";

const asked = matchMedia("(prefers-color-scheme: dark)");

class ThemeState {
  current: Theme = $state(asked.matches ? "dark" : "light");

  constructor() {
    asked.addEventListener("change", () => this.#set(asked.matches ? "dark" : "light"));
    this.#set(this.current);
  }

  #set(theme: Theme): void {
    this.current = theme;
    document.documentElement.dataset.theme = theme;
  }

  toggle(): void {
    this.#set(this.current === "dark" ? "light" : "dark");
  }
}

export const theme = new ThemeState();
