# gander - make targets
#
#   make            build build/gander            make demo     train digits in this terminal
#   make check      all tests [MNIST=DIR]         make bench    speed, beside its limits and peers
CC ?= cc
BUILD ?= build
LAYERS := cli ui exchange draw run gan data nn record base
PACKAGES := jansson libpng zlib libcurl libcrypto inih openblas

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wwrite-strings \
	-Wcast-qual -Wformat=2 -Wundef -Wvla -Wpointer-arith -Wnull-dereference -Wimplicit-fallthrough
CFLAGS ?= -O3 -g
ALL_CFLAGS = -std=c17 -fno-math-errno -fno-common -fPIE -fstack-protector-strong -D_FORTIFY_SOURCE=2 $(WARNINGS) $(WERROR) \
	-Iinclude $(shell pkg-config --cflags $(PACKAGES)) $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now $(LDFLAGS)
LIBRARIES = $(shell pkg-config --libs jansson libpng zlib libcurl libcrypto inih) -lm -lpthread -ldl

present := $(foreach layer,$(LAYERS),$(if $(wildcard src/$(layer)/*.c),$(layer)))
archives := $(foreach layer,$(present),$(BUILD)/lib$(layer).a)
objects = $(patsubst src/%.c,$(BUILD)/%.o,$(wildcard src/$(1)/*.c))
tests := $(patsubst tests/%_test.c,$(BUILD)/tests/%_test,$(wildcard tests/*/*_test.c))

all: $(BUILD)/gander

$(BUILD)/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

define archive_rule
$(BUILD)/lib$(1).a: $(call objects,$(1))
	@rm -f $$@
	ar rcs $$@ $$^
endef
$(foreach layer,$(present),$(eval $(call archive_rule,$(layer))))

$(BUILD)/gander: $(archives)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -Wl,--whole-archive $(BUILD)/libcli.a -Wl,--no-whole-archive $(archives) -o $@ $(LIBRARIES)

$(BUILD)/tests/%_test: tests/%_test.c $(archives)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Itests -MMD -MP $(ALL_LDFLAGS) $< $(archives) -o $@ -lcmocka $(LIBRARIES)

check: $(tests)
	@status=0; for test in $(tests); do $$test || status=1; done; exit $$status

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
.PHONY: all check clean
