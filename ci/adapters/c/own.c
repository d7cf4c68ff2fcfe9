/* A line server on C's own fgets and isspace, for streamspec to show what that does: own PORT */
#include <arpa/inet.h>
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void serve(int client) {
    FILE *in = fdopen(client, "r"), *out = fdopen(dup(client), "w");
    char line[65537];
    while (fgets(line, sizeof line, in)) {
        char *text = line, *end = line + strlen(line);
        while (end > text && isspace((unsigned char)end[-1])) *--end = 0;
        while (isspace((unsigned char)*text)) text++;
        if (!*text) break;
        fprintf(out, "%s\n", text);
        fflush(out);
    }
}

int main(int argc, char **argv) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[argc - 1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1, l = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(l, (struct sockaddr *)&a, sizeof a) < 0 || listen(l, 1024) < 0) { perror("cannot listen"); return 1; }
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int client = accept(l, NULL, NULL);
        if (client >= 0 && fork() == 0) { close(l); serve(client); _exit(0); }
        close(client);
    }
}
