/* C's stdio on sockets, a process for each connection, for streamspec to judge: stream PORT */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static FILE *in, *out; /* of the one connection that a process has; out collects what is written */
static char *content, text[16777216 + 1];
static size_t unsent, length;

static void fail(const char *why) { fprintf(stderr, "%s\n", why); shutdown(fileno(in), SHUT_WR); _exit(1); }
static int space(char c) { return c == ' ' || (c >= 9 && c <= 13); }
static void check(void) { /* strict UTF-8 (RFC 3629) */
    const unsigned char *s = (unsigned char *)text, *end = s + length;
    while (s < end) {
        int more = *s < 0x80 ? 0 : *s < 0xc2 ? 9 : *s < 0xe0 ? 1 : *s < 0xf0 ? 2 : *s < 0xf5 ? 3 : 9;
        if (more > end - s - 1 || (*s == 0xe0 && s[1] < 0xa0) || (*s == 0xed && s[1] > 0x9f) || (*s == 0xf0 && s[1] < 0x90) || (*s == 0xf4 && s[1] > 0x8f)) fail("this is no UTF-8");
        for (s++; more > 0; more--, s++) if ((*s & 0xc0) != 0x80) fail("this is no UTF-8");
    }
}
static void take(size_t n) { length = fread(text, 1, n, in); check(); }
static size_t take_line(size_t limit) { /* fgets has a limit, and cannot tell a NUL from the end */
    size_t from = 0;
    for (int c = length = 0; length < limit && (c = getc_unlocked(in)) != EOF;) if ((text[length++] = c) == '\n') break;
    while (length > 0 && space(text[length - 1])) length--;
    while (from < length && space(text[from])) from++;
    memmove(text, text + from, length -= from);
    text[length] = 0;
    return check(), length;
}
static size_t number(const char *s) {
    if (!*s || strlen(s) > 8 || s[strspn(s, "0123456789")] || atol(s) > 16777216) fail("no number of bytes");
    return atol(s);
}
static void netstring(void) { fprintf(out, "%zu:", length); fwrite(text, 1, length, out); putc(',', out); }
static void send_content(void) {
    fflush(out);
    for (size_t at = 0, n; at < unsent; at += n) if ((ssize_t)(n = write(fileno(in), content + at, unsent - at)) < 0) fail("the client is gone");
    rewind(out);
}
static void script(void) {
    unsigned at_end = 0, byte;
    while (take_line(65536) > 0) {
        char *arg = strlen(text) < length ? NULL : strchr(text, ' ');
        if (arg) *arg++ = 0;
        if (!strcmp(text, "READ") && arg) take(number(arg)), netstring();
        else if (!strcmp(text, "READLINE")) take_line(arg ? number(arg) : 65536), netstring();
        else if (!strncmp(text, "WRITE", 5) && (length == 5 || text[5] == ' ' || arg)) { if (length > 6) fwrite(text + 6, 1, length - 6, out); }
        else if (!strcmp(text, "BYTES") && (arg || (arg = "")) && strlen(arg) % 2 == 0 && !arg[strspn(arg, "0123456789abcdefABCDEF")]) for (; *arg; arg += 2) sscanf(arg, "%2x", &byte), putc(byte, out);
        else if (!strcmp(text, "SEND") && !arg) send_content();
        else if (!strcmp(text, "ATEND") && !arg) at_end = 1;
        else if (!strcmp(text, "CLOSE") && !arg) return;
        else fail("unknown command");
    }
    if (at_end) send_content();
}
int main(int argc, char **argv) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[argc - 1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1, l = socket(AF_INET, SOCK_STREAM, 0), client;
    setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(l, (struct sockaddr *)&a, sizeof a) < 0 || listen(l, 1024) < 0) return perror("cannot listen"), 1;
    signal(SIGCHLD, SIG_IGN), signal(SIGPIPE, SIG_IGN);
    while ((client = accept(l, NULL, NULL)) < 0 || fork() != 0) close(client);
    close(l);
    in = fdopen(client, "r"), out = open_memstream(&content, &unsent), script(), shutdown(client, SHUT_WR), alarm(5);
    while (read(client, text, 65536) > 0) {} /* for a while: closing over unread input resets the last answer */
    _exit(0);
}
