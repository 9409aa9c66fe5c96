/* Included before every file of the Python that is built in an older Debian: what would ask for more than glibc 2.28.
   Since 2.29 these functions have a further version that sets no errno by matherr; the ones before it give the same
   figures and are everywhere. 2.2.5 and 2.17 are the first versions on each kind of machine. */
#if defined(__x86_64__)
#define BEFORE "GLIBC_2.2.5"
#else
#define BEFORE "GLIBC_2.17"
#endif
__asm__(".symver exp,exp@" BEFORE);
__asm__(".symver exp2,exp2@" BEFORE);
__asm__(".symver log,log@" BEFORE);
__asm__(".symver log2,log2@" BEFORE);
__asm__(".symver pow,pow@" BEFORE);
