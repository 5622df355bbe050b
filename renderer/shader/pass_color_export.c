/* SPDX-License-Identifier: MIT */
/*
 * What happens to colours between the shader and the buffers: clamp, alpha in a red texture,
 * alpha test, logic operation, channel order, sRGB encoding, copies for all buffers. The alpha
 * test looks at the colour as the guest wrote it, so it comes first.
 */
#include "emit.h"

static void op1(struct emitter *e, unsigned op, struct ir_dst dst, struct ir_src a)
{
    ir_op(e->ir, &e->ir->epilogue, op, dst, 1, &a);
}

static void op2(struct emitter *e, unsigned op, struct ir_dst dst, struct ir_src a,
                struct ir_src b)
{
    struct ir_src src[2] = {a, b};

    ir_op(e->ir, &e->ir->epilogue, op, dst, 2, src);
}

static struct ir_src immediate(struct emitter *e, float value)
{
    uint32_t bits = ir_float_bits(value);

    return ir_src(SHADER_FILE_IMM, ir_new_immediate(e->ir, bits, bits, bits, bits), "xxxx");
}

static struct ir_src uint_immediate(struct emitter *e, uint32_t bits)
{
    return ir_src(SHADER_FILE_IMM, ir_new_immediate(e->ir, bits, bits, bits, bits), "xxxx");
}

static void clamp(struct emitter *e, int out)
{
    op1(e, SHADER_OP_MOV, ir_dst(SHADER_FILE_OUT, out, 15), ir_src(SHADER_FILE_OUT, out, "xyzw"));
    if (!e->ir->arena.failed)
        e->ir->epilogue.insns[e->ir->epilogue.count - 1].saturate = true;
}

/* c <= 0.0031308 ? 12.92 c : 1.055 c^(1/2.4) - 0.055, for red, green and blue. */
static void srgb_encode(struct emitter *e, int out)
{
    static const char *const swizzles[] = {"xxxx", "yyyy", "zzzz"};
    int temp = ir_new_temp(e->ir), curve = ir_new_temp(e->ir);
    struct ir_dst t = ir_dst(SHADER_FILE_TEMP, temp, 7);
    struct ir_src ts = ir_src(SHADER_FILE_TEMP, temp, "xyzw");
    struct ir_src cs = ir_src(SHADER_FILE_TEMP, curve, "xyzw");
    struct ir_src src[3];

    op1(e, SHADER_OP_MOV, t, ir_src(SHADER_FILE_OUT, out, "xyzw"));
    if (!e->ir->arena.failed)
        e->ir->epilogue.insns[e->ir->epilogue.count - 1].saturate = true;
    for (unsigned c = 0; c < 3; c++)
        op2(e, SHADER_OP_POW, ir_dst(SHADER_FILE_TEMP, curve, 1u << c),
            ir_src(SHADER_FILE_TEMP, temp, swizzles[c]), immediate(e, 1.0f / 2.4f));
    src[0] = cs;
    src[1] = immediate(e, 1.055f);
    src[2] = immediate(e, -0.055f);
    ir_op(e->ir, &e->ir->epilogue, SHADER_OP_MAD, ir_dst(SHADER_FILE_TEMP, curve, 7), 3, src);
    op2(e, SHADER_OP_MUL, ir_dst(SHADER_FILE_OUT, out, 7), ts, immediate(e, 12.92f));
    op2(e, SHADER_OP_FSGE, t, immediate(e, 0.0031308f), ts);
    src[0] = ts;
    src[1] = ir_src(SHADER_FILE_OUT, out, "xyzw");
    src[2] = cs;
    ir_op(e->ir, &e->ir->epilogue, SHADER_OP_UCMP, ir_dst(SHADER_FILE_OUT, out, 7), 3, src);
}

/* Integer form of a colour in 0..1: round(clamp(c) * max). */
static int quantise(struct emitter *e, struct ir_src color, struct ir_src max)
{
    int temp = ir_new_temp(e->ir);
    struct ir_dst dst = ir_dst(SHADER_FILE_TEMP, temp, 15);
    struct ir_src src = ir_src(SHADER_FILE_TEMP, temp, "xyzw");

    op1(e, SHADER_OP_MOV, dst, color);
    if (!e->ir->arena.failed)
        e->ir->epilogue.insns[e->ir->epilogue.count - 1].saturate = true;
    op2(e, SHADER_OP_MUL, dst, src, max);
    op1(e, SHADER_OP_ROUND, dst, src);
    op1(e, SHADER_OP_F2U, dst, src);
    return temp;
}

/*
 * The 16 operations as s, d, ~s, ~d and one of AND, OR, XOR. Bits of the wire number give the
 * result for (s, d) = (0, 0), (0, 1), (1, 0), (1, 1) from the lowest bit on.
 */
static void logic(struct emitter *e, int out, unsigned op, unsigned bits)
{
    float max_value = (float)((1u << bits) - 1);
    struct ir_src max = immediate(e, max_value), all = uint_immediate(e, 0xffffffffu);
    struct ir_src zero = uint_immediate(e, 0);
    int fetched = ir_new_temp(e->ir), s, d, r = ir_new_temp(e->ir);
    struct ir_src rs = ir_src(SHADER_FILE_TEMP, r, "xyzw");
    struct ir_dst rd = ir_dst(SHADER_FILE_TEMP, r, 15);

    op1(e, SHADER_OP_FBFETCH, ir_dst(SHADER_FILE_TEMP, fetched, 15),
        ir_src(SHADER_FILE_OUT, out, "xyzw"));
    s = quantise(e, ir_src(SHADER_FILE_OUT, out, "xyzw"), max);
    d = quantise(e, ir_src(SHADER_FILE_TEMP, fetched, "xyzw"), max);
    op1(e, SHADER_OP_MOV, rd, zero);
    for (unsigned term = 0; term < 4; term++) {
        int part = ir_new_temp(e->ir);
        struct ir_dst pd = ir_dst(SHADER_FILE_TEMP, part, 15);
        struct ir_src ps = ir_src(SHADER_FILE_TEMP, part, "xyzw");

        if (!(op >> term & 1))
            continue;
        op2(e, SHADER_OP_XOR, pd, ir_src(SHADER_FILE_TEMP, s, "xyzw"), term & 2 ? zero : all);
        {
            int other = ir_new_temp(e->ir);

            op2(e, SHADER_OP_XOR, ir_dst(SHADER_FILE_TEMP, other, 15),
                ir_src(SHADER_FILE_TEMP, d, "xyzw"), term & 1 ? zero : all);
            op2(e, SHADER_OP_AND, pd, ps, ir_src(SHADER_FILE_TEMP, other, "xyzw"));
        }
        op2(e, SHADER_OP_OR, rd, rs, ps);
    }
    op2(e, SHADER_OP_AND, rd, rs, uint_immediate(e, (1u << bits) - 1));
    op1(e, SHADER_OP_U2F, rd, rs);
    op2(e, SHADER_OP_MUL, ir_dst(SHADER_FILE_OUT, out, 15), rs, immediate(e, 1.0f / max_value));
}

static void export_buffer(struct emitter *e, int out, const struct shader_cbuf_key *cbuf)
{
    if (cbuf->type == SHADER_CBUF_INT || cbuf->type == SHADER_CBUF_UINT ||
        cbuf->type == SHADER_CBUF_NONE)
        return;
    if (cbuf->alpha_in_red)
        op1(e, SHADER_OP_MOV, ir_dst(SHADER_FILE_OUT, out, 1),
            ir_src(SHADER_FILE_OUT, out, "wwww"));
    if (cbuf->logic_bits && cbuf->logic_bits <= 16)
        logic(e, out, e->key->logic_op & 15, cbuf->logic_bits);
    if (cbuf->swap_rb)
        op1(e, SHADER_OP_MOV, ir_dst(SHADER_FILE_OUT, out, 7),
            ir_src(SHADER_FILE_OUT, out, "zyxw"));
    if (cbuf->srgb_encode)
        srgb_encode(e, out);
}

void pass_color_export(struct emitter *e)
{
    const struct shader_key *key = e->key;
    unsigned count = key->num_cbufs > SHADER_MAX_CBUFS ? SHADER_MAX_CBUFS : key->num_cbufs;
    bool all = e->info->color0_writes_all && !key->dual_source;
    int out[SHADER_MAX_CBUFS];

    for (unsigned i = 0; i < SHADER_MAX_CBUFS; i++)
        out[i] = i == 0 || !all ? pass_find_output(e, SHADER_SEM_COLOR, i) : -1;
    for (unsigned i = 0; i < count; i++) {
        e->fetched_outputs |= key->cbufs[i].logic_bits != 0;
        if (out[i] >= 0 && key->cbufs[i].clamp && key->cbufs[i].type == SHADER_CBUF_FLOAT)
            clamp(e, out[i]);
    }
    pass_alpha_test(e);
    /* Copies first: each buffer then gets its own treatment. */
    for (unsigned i = 1; i < count && all && out[0] >= 0; i++) {
        if (key->cbufs[i].type == SHADER_CBUF_NONE)
            continue;
        out[i] = pass_add_output(e, SHADER_SEM_COLOR, i, 15);
        if (out[i] < 0)
            return;
        op1(e, SHADER_OP_MOV, ir_dst(SHADER_FILE_OUT, out[i], 15),
            ir_src(SHADER_FILE_OUT, out[0], "xyzw"));
    }
    for (unsigned i = 0; i < count; i++) {
        if (out[i] >= 0)
            export_buffer(e, out[i], &key->cbufs[i]);
    }
}
