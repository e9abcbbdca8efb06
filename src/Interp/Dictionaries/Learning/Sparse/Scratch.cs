namespace Interp;

/// <summary>A thread's own room for gradients of a few latents.</summary>
internal sealed unsafe class Scratch
{
    private readonly float[] room;

    public Scratch(int encoder, int decoder, int strip)
    {
        room = GC.AllocateUninitializedArray<float>(encoder + decoder + strip, pinned: true);
        Encoder = (float*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref room[0]);
        Decoder = Encoder + encoder;
        Strip = Decoder + decoder;
    }

    /// <summary>Encoder columns, one after the other.</summary>
    public float* Encoder { get; }

    /// <summary>A decoder row.</summary>
    public float* Decoder { get; }

    /// <summary>A few rows of the encoder, as wide as the latents at hand.</summary>
    public float* Strip { get; }
}
