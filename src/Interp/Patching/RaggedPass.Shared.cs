namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <content>Attention by the kernel that reads what patches share where it stands.</content>
internal sealed partial class RaggedPass
{
    // With more keys than these the products of libtorch's operators are large enough.
    private const long MostKeys = 256;

    private bool ReadsShared => length <= MostKeys && TorchSeam.HasSharedAttention(packed);

    // Queries, keys and values of some positions from the start on, [patch * prompt * pos, head, d_head], to z of the positions from there on,
    // [patch * prompt * pos, head, d_head], or of the last; all others are the base's.
    private void MixShared(Attention attention, int layer, long start, long positions, Tensor q, Tensor k, Tensor v, Tensor z, bool last)
    {
        using var scope = NewDisposeScope();
        Tensor Rows(Tensor t, long each) => t.view(-1, each, t.shape[1], t.shape[2]); // [patch * prompt, pos, head, d_head]
        var rotary = attention.Rotary is not null;
        Tensor Own(Site site) => own[new HookName(site, layer)];
        var (queries, keys) = attention.Placed(silent, layer, Rows(q, positions), start, Rows(k, positions), start);
        var shared = (Own(rotary ? Sites.RotQ : Sites.Q), Own(rotary ? Sites.RotK : Sites.K), Own(Sites.V)); // [prompt, pos, head or kv_head, d_head]
        var bias = silent.AttentionBias(layer, q)!.squeeze(0); // [1 or head, query, key]
        TorchSeam.SharedAttention(
            Rows(z, last ? 1 : length - start), shared, (queries, keys, Rows(v, positions)), start, bias, 1 / Model.Config.ScoreScale, Model.Config.AttentionSoftCap);
    }
}
