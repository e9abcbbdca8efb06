namespace Interp;

using System.Numerics;

/// <summary>Loops over rows of float32 that fill the processor's vector registers.</summary>
internal static unsafe class Lanes
{
    /// <summary>y += a·x.</summary>
    public static void AddScaled(float a, float* x, float* y, int count)
    {
        var i = 0;
        var factor = new Vector<float>(a);
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
            Vector.Store(Vector.Load(y + i) + factor * Vector.Load(x + i), y + i);
        for (; i < count; i++)
            y[i] += a * x[i];
    }

    /// <summary>Σ x·y.</summary>
    public static float Dot(float* x, float* y, int count)
    {
        var i = 0;
        Vector<float> first = Vector<float>.Zero, second = Vector<float>.Zero;
        for (; i <= count - 2 * Vector<float>.Count; i += 2 * Vector<float>.Count)
        {
            first += Vector.Load(x + i) * Vector.Load(y + i);
            second += Vector.Load(x + i + Vector<float>.Count) * Vector.Load(y + i + Vector<float>.Count);
        }
        var sum = Vector.Sum(first + second);
        for (; i < count; i++)
            sum += x[i] * y[i];
        return sum;
    }

    /// <summary>Σ x², in float64 over the vectors' parts.</summary>
    public static double Squares(float* x, int count)
    {
        var total = 0.0;
        const int part = 256;
        for (var start = 0; start < count; start += part)
            total += Dot(x + start, x + start, Math.Min(part, count - start));
        return total;
    }

    /// <summary>x·a.</summary>
    public static void Scale(float a, float* x, int count)
    {
        var i = 0;
        var factor = new Vector<float>(a);
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
            Vector.Store(factor * Vector.Load(x + i), x + i);
        for (; i < count; i++)
            x[i] *= a;
    }

    /// <summary>One step of Adam: weights and both moments are read and written once.</summary>
    public static void Adam(in AdamStep step, float* weights, float* means, float* squares, float* gradient, int count)
    {
        var i = 0;
        Vector<float> clip = new(step.Clip), beta1 = new(step.Beta1), rest1 = new(step.Rest1), beta2 = new(step.Beta2), rest2 = new(step.Rest2);
        Vector<float> root = new(step.Root), epsilon = new(step.Epsilon), rate = new(step.Rate);
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            var g = Vector.Load(gradient + i) * clip;
            var mean = Vector.Load(means + i) * beta1 + g * rest1;
            var square = Vector.Load(squares + i) * beta2 + g * g * rest2;
            Vector.Store(mean, means + i);
            Vector.Store(square, squares + i);
            Vector.Store(Vector.Load(weights + i) + rate * mean / (Vector.SquareRoot(square) * root + epsilon), weights + i);
        }
        for (; i < count; i++)
        {
            var g = gradient[i] * step.Clip;
            means[i] = means[i] * step.Beta1 + g * step.Rest1;
            squares[i] = squares[i] * step.Beta2 + g * g * step.Rest2;
            weights[i] += step.Rate * means[i] / (MathF.Sqrt(squares[i]) * step.Root + step.Epsilon);
        }
    }
}
