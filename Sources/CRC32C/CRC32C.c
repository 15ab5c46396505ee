#include "CRC32C.h"

#include <string.h>

// The reversed polynomial of Castagnoli.
#define POLYNOMIAL 0x82F63B78u

static uint32_t table[256];

// Before main(), so that no thread can see half of it.
__attribute__((constructor)) static void fill_table(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t value = byte;
        for (int bit = 0; bit < 8; bit++) value = value & 1 ? value >> 1 ^ POLYNOMIAL : value >> 1;
        table[byte] = value;
    }
}

uint32_t crc32c_portable(uint32_t crc, const void *data, size_t size) {
    const uint8_t *bytes = data;
    crc = ~crc;
    for (size_t i = 0; i < size; i++) crc = crc >> 8 ^ table[(crc ^ bytes[i]) & 0xFF];
    return ~crc;
}

#if defined(__x86_64__)

__attribute__((target("sse4.2"))) static uint32_t with_instructions(uint32_t crc, const void *data, size_t size) {
    const uint8_t *bytes = data;
    uint64_t state = ~crc;
    for (; size >= 8; size -= 8, bytes += 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        state = __builtin_ia32_crc32di(state, word);
    }
    for (; size > 0; size--, bytes++) state = __builtin_ia32_crc32qi((uint32_t)state, *bytes);
    return ~(uint32_t)state;
}

static int has_instructions;

__attribute__((constructor)) static void look_at_processor(void) {
    __builtin_cpu_init();
    has_instructions = __builtin_cpu_supports("sse4.2");
}

#elif defined(__aarch64__) && defined(__linux__)

#include <arm_acle.h>
#include <sys/auxv.h>

// HWCAP_CRC32 of asm/hwcap.h.
#define CAPABILITY_CRC32 (1 << 7)

__attribute__((target("crc"))) static uint32_t with_instructions(uint32_t crc, const void *data, size_t size) {
    const uint8_t *bytes = data;
    uint32_t state = ~crc;
    for (; size >= 8; size -= 8, bytes += 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        state = __crc32cd(state, word);
    }
    for (; size > 0; size--, bytes++) state = __crc32cb(state, *bytes);
    return ~state;
}

static int has_instructions;

__attribute__((constructor)) static void look_at_processor(void) {
    has_instructions = (getauxval(AT_HWCAP) & CAPABILITY_CRC32) != 0;
}

#else

static const int has_instructions = 0;

static uint32_t with_instructions(uint32_t crc, const void *data, size_t size) {
    return crc32c_portable(crc, data, size);
}

#endif

uint32_t crc32c(uint32_t crc, const void *data, size_t size) {
    return has_instructions ? with_instructions(crc, data, size) : crc32c_portable(crc, data, size);
}
