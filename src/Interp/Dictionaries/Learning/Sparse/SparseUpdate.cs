namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Gradients of a sparse step, and one pass over weights and moments with them.</summary>
/// <remarks>
/// A latent's gradients are sums over the rows that chose it. They are made twice, first for their joint length, then for Adam, in tiles
/// that stay in the processor's cache, and never stored: that costs less than writing and reading two dense matrices.
/// </remarks>
internal sealed unsafe class SparseUpdate
{
    private const int Tile = 64;
    private const int Strip = 16;
    private readonly DictionaryTrainingOptions options;
    private readonly LatentEntries entries;
    private readonly int width;
    private readonly int dIn;
    private readonly int dOut;
    private readonly float* gradients;
    private readonly float* centred;
    private readonly float* decoderRows;
    private readonly DictionaryWeights weights;
    private readonly Tensor encoderBias;
    private readonly Tensor decoderBias;

    public SparseUpdate(SparseDictionary dictionary, DictionaryTrainingOptions options, SparsePass pass)
    {
        (this.options, weights) = (options, dictionary.Weights);
        (width, dIn, dOut) = (dictionary.Width, dictionary.Config.DIn, dictionary.Config.DOut);
        gradients = TensorMemory.Floats(pass.Gradients);
        centred = TensorMemory.Floats(pass.Centred);
        decoderRows = TensorMemory.Floats(weights.Decoder);
        entries = pass.DeadCodes is { } dead ? new LatentEntries(width, pass.Codes, dead) : new LatentEntries(width, pass.Codes);
        Collect(pass.Codes, pass.GradientRow, slopes: true);
        if (pass.DeadCodes is not null)
            Collect(pass.DeadCodes, (_, row) => pass.DeadGradientRow(row), pass.Auxiliary.Encoder);
        var sums = new float[width];
        for (var latent = 0; latent < width; latent++)
            foreach (var slope in Of(entries.Slopes, latent))
                sums[latent] += slope;
        encoderBias = tensor(sums);
        decoderBias = dictionary.Config.CentreInput ? pass.BiasGradient() - weights.Encoder.matmul(encoderBias) : pass.BiasGradient();
    }

    /// <summary>The joint length of all gradients, after gradients along decoder rows are removed.</summary>
    public double Length()
    {
        var squares = new double[width];
        Workers.For((width + Tile - 1) / Tile, MakeScratch, (tile, scratch) =>
        {
            for (var latent = tile * Tile; latent < Math.Min(width, (tile + 1) * Tile); latent++)
            {
                DecoderGradient(latent, scratch.Decoder);
                EncoderGradient(latent, scratch.Encoder);
                squares[latent] = Lanes.Squares(scratch.Decoder, dOut) + Lanes.Squares(scratch.Encoder, dIn);
            }
        });
        return Math.Sqrt(squares.Sum() + encoderBias.square().sum().ToDouble() + decoderBias.square().sum().ToDouble());
    }

    /// <summary>Adam, and decoder rows brought back to length one.</summary>
    public void Apply(AdamW optimizer, AdamStep step, float guard)
    {
        float* encoder = TensorMemory.Floats(weights.Encoder), encoderMeans = TensorMemory.Floats(optimizer.Means[0]);
        float* encoderSquares = TensorMemory.Floats(optimizer.Squares[0]), decoder = TensorMemory.Floats(weights.Decoder);
        float* decoderMeans = TensorMemory.Floats(optimizer.Means[2]), decoderSquares = TensorMemory.Floats(optimizer.Squares[2]);
        Workers.For((width + Tile - 1) / Tile, MakeScratch, (tile, scratch) =>
        {
            var (first, count) = (tile * Tile, Math.Min(Tile, width - tile * Tile));
            for (var i = 0; i < count; i++)
            {
                EncoderGradient(first + i, scratch.Encoder + i * dIn);
                DecoderGradient(first + i, scratch.Decoder);
                var row = (first + i) * (long)dOut;
                Lanes.Adam(step, decoder + row, decoderMeans + row, decoderSquares + row, scratch.Decoder, dOut);
                if (options.Decoder != DecoderRule.Free)
                    Lanes.Scale(1 / ((float)Math.Sqrt(Lanes.Squares(decoder + row, dOut)) + guard), decoder + row, dOut);
            }
            for (var start = 0; start < dIn; start += Strip)
            {
                Transpose(scratch, start, count);
                for (var i = start; i < Math.Min(dIn, start + Strip); i++)
                {
                    var place = (long)i * width + first;
                    Lanes.Adam(step, encoder + place, encoderMeans + place, encoderSquares + place, scratch.Strip + (i - start) * Tile, count);
                }
            }
        });
        ApplyToBias(step, optimizer, 1, weights.EncoderBias, encoderBias);
        ApplyToBias(step, optimizer, 3, weights.DecoderBias, decoderBias);
    }

    private static void ApplyToBias(in AdamStep step, AdamW optimizer, int i, Tensor bias, Tensor gradient) => Lanes.Adam(
        step, TensorMemory.Floats(bias), TensorMemory.Floats(optimizer.Means[i]), TensorMemory.Floats(optimizer.Squares[i]),
        TensorMemory.Floats(gradient), (int)bias.shape[0]);

    private Scratch MakeScratch() => new(Tile * dIn, dOut, Strip * Tile);

    private void Transpose(Scratch scratch, int start, int count)
    {
        for (var latent = 0; latent < count; latent++)
            for (var i = start; i < Math.Min(dIn, start + Strip); i++)
                scratch.Strip[(i - start) * Tile + latent] = scratch.Encoder[latent * dIn + i];
    }

    private ReadOnlySpan<T> Of<T>(T[] all, int latent) => all.AsSpan(entries.Starts[latent]..entries.Starts[latent + 1]);

    private void Collect(SparseCodes codes, Func<int, int, int> gradientRow, bool slopes)
    {
        var own = new float[codes.Count];
        if (slopes)
            Workers.For(codes.Rows, row =>
            {
                for (var i = codes.Starts[row]; i < codes.Starts[row + 1]; i++)
                    own[i] = Lanes.Dot(gradients + (long)gradientRow(codes.Latents[i], row) * dOut, decoderRows + (long)codes.Latents[i] * dOut, dOut);
            });
        for (var row = 0; row < codes.Rows; row++)
            for (var i = codes.Starts[row]; i < codes.Starts[row + 1]; i++)
                entries.Add(codes.Latents[i], row, gradientRow(codes.Latents[i], row), codes.Values[i], own[i]);
    }

    private void DecoderGradient(int latent, float* result)
    {
        new Span<float>(result, dOut).Clear();
        for (var i = entries.Starts[latent]; i < entries.Starts[latent + 1]; i++)
            Lanes.AddScaled(entries.Values[i], gradients + (long)entries.Gradients[i] * dOut, result, dOut);
        if (options.Decoder == DecoderRule.Free || entries.Starts[latent] == entries.Starts[latent + 1])
            return;
        // g - (g·u) u with u = w / (|w| + guard).
        var row = decoderRows + (long)latent * dOut;
        var scale = 1 / ((float)Math.Sqrt(Lanes.Squares(row, dOut)) + (options.Decoder == DecoderRule.GuardedUnitNorm ? 1e-6f : 0));
        Lanes.AddScaled(-Lanes.Dot(result, row, dOut) * scale * scale, row, result, dOut);
    }

    private void EncoderGradient(int latent, float* result)
    {
        new Span<float>(result, dIn).Clear();
        for (var i = entries.Starts[latent]; i < entries.Starts[latent + 1]; i++)
            Lanes.AddScaled(entries.Slopes[i], centred + (long)entries.Rows[i] * dIn, result, dIn);
    }
}
