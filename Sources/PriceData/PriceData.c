#include "PriceData.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

// A Swift array literal of this size takes minutes to compile; #embed (C23) takes none.
static const unsigned char data[] = {
#embed "models-dev.json"
};

static const char source[] = {
#embed "source.txt"
    , 0};

const void *price_data(void) { return data; }

size_t price_data_size(void) { return sizeof data; }

const char *price_data_source(void) { return source; }
