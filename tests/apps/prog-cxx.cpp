// A request by a C++ stream over a socket, and by plain calls: prog-cxx PORT [stream], the first alone.
#include <arpa/inet.h>
#include <ext/stdio_filebuf.h>
#include <iostream>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

static int peer(int port)
{
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<unsigned short>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, reinterpret_cast<const sockaddr *>(&to), sizeof to) != 0)
        throw std::runtime_error("connect");
    return fd;
}

static void show(std::istream &in)
{
    for (std::string line; std::getline(in, line);)
        std::cout << line << '\n';
}

int main(int argc, char **argv)
{
    const int port = std::stoi(argv[1]);
    {
        __gnu_cxx::stdio_filebuf<char> buffer(peer(port), std::ios::in | std::ios::out);
        std::iostream stream(&buffer);
        stream << "POST /echo HTTP/1.1\r\nHost: localhost:" << port << "\r\nConnection: close\r\n"
               << "Content-Length: " << 20000 << "\r\n\r\n"
               << std::string(20000, 'x') << std::flush;
        show(stream);
    }
    if (argc > 2)
        return 0;
    std::thread([port] {
        const std::string head = "GET /thread HTTP/1.1\r\nHost: localhost\r\n"
                                 "Connection: close\r\n\r\n";
        __gnu_cxx::stdio_filebuf<char> in(peer(port), std::ios::in);
        std::cout << (send(in.fd(), head.data(), head.size(), MSG_NOSIGNAL) ==
                      static_cast<ssize_t>(head.size()))
                  << '\n';
        std::istream stream(&in);
        show(stream);
    }).join();
}
