/* vfork for x86-64. It cannot be wrapped in C: the child returns first, through the frame that the
 * parent will need. So the return address waits in a register that the system call keeps, as libc
 * does it itself, and both returns are counted. */
#ifdef __x86_64__

#include "hooks/vfork.h"

_Thread_local int hooks_vforked;

__asm__(".text\n"
        ".globl vfork\n"
        ".globl __vfork\n"
        ".type vfork, @function\n"
        ".type __vfork, @function\n"
        "vfork:\n"
        "__vfork:\n"
        "    .cfi_startproc\n"
        "    endbr64\n"
        "    popq %rdi\n"
        "    .cfi_adjust_cfa_offset -8\n"
        "    .cfi_register %rip, %rdi\n"
        "    movl $58, %eax\n" /* SYS_vfork */
        "    syscall\n"
        "    pushq %rdi\n"
        "    .cfi_adjust_cfa_offset 8\n"
        "    .cfi_rel_offset %rip, 0\n"
        "    movq hooks_vforked@gottpoff(%rip), %rdx\n"
        "    testq %rax, %rax\n"
        "    js 2f\n"
        "    jnz 1f\n"
        "    incl %fs:(%rdx)\n"
        "    ret\n"
        "1:  decl %fs:(%rdx)\n"
        "    ret\n"
        "2:  negl %eax\n"
        "    pushq %rax\n"
        "    .cfi_adjust_cfa_offset 8\n"
        "    call __errno_location@PLT\n"
        "    popq %rdx\n"
        "    .cfi_adjust_cfa_offset -8\n"
        "    movl %edx, (%rax)\n"
        "    orl $-1, %eax\n"
        "    ret\n"
        "    .cfi_endproc\n"
        ".size vfork, .-vfork\n");

#endif
