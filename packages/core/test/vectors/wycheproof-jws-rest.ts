import {
  BAD,
  EC_HEAD,
  EC_KEY,
  type JwsGroup,
  N256,
  N384,
  N512,
  PS256_HEAD,
  PS384_HEAD,
  PS512_HEAD,
  pss,
  RS256_HEAD,
  RS384_HEAD,
  RS512_HEAD,
} from './wycheproof-jws.ts'

/**
 * Project Wycheproof, testvectors_v1/json_web_signature_test.json (https://github.com/C2SP/wycheproof, Apache-2.0), data
 * alone, without the private halves of the pairs: the 37 vectors from 259 on that are not in wycheproof-jws.ts. They are
 * other payloads that are signed by RSA (263 to 275, 321 to 328), other ways to modify PSS (277 to 311), and 385.
 */

/** The payloads: 20 bytes of zero, and the bytes e0 to ff. */
const ZEROS = 'A'.repeat(27)
const BYTES = '4OHi4-Tl5ufo6err7O3u7_Dx8vP09fb3-Pn6-_z9_v8'

export const WYCHEPROOF_JWS_REST: readonly JwsGroup[] = [
  {
    name: 'rs256',
    key: { kty: 'RSA', alg: 'RS256', n: N256, e: 'AQAB', kid: 'RS256_2048' },
    tests: [
      [
        263,
        'normalPayload',
        'valid',
        'ok',
        `${RS256_HEAD}.${BYTES}.gCrfLgxGavjKQ7fgr8Hz5YwjJwtbdc10LW_Y4WDAidRe6R_lf9z8Ii3Q__-RRXsbkpRptwH0s25TcjujOydG03Aux3Ml92lCmNzfe8g_Hi_0fQTYrTYGPGgk-34O9PNn4hKnyWTvhBsgSY5E3ywS5RgAJij8RrzV9RDfcyG5Tp_pgVPPwz-amVRzs48M_hL_r9bP4-J8VLoHbFX5DInauTqaWDfm2etl9c44W__97bADJgFbnog9BbV6xXFOmIkjWCC1jrNAJ-19VHFawv2qg6pqhYLBOnH5DCpQQuLLYnQFQweCSMHz6apqHsDT7DzhfuY6D2LT7WL_BMsl4utC_w`,
      ],
    ],
  },
  {
    name: 'rs384',
    key: { kty: 'RSA', alg: 'RS384', n: N384, e: 'AQAB', kid: 'RS384_2048' },
    tests: [
      [
        265,
        'allZeroPayload',
        'valid',
        'ok',
        `${RS384_HEAD}.${ZEROS}.tMc4m40YjoOqVf0CpFvpgFWDtFMmr-KvRHPW1K3VW8b25al_YKiwZrpBY1-1CZlpBmsv9W_dXIU56sgQAwni28tdFoFqjcHZq_4Xqj6uPZ4VD46LFWe37OITJqqxVcEw9-ZkC0hhAHGRClbdAOSk4V8geXPe56WOeBK4UljVO7PehGGkg4KjQz7D_AFzufi4NaCVhWZXnb0RLdYbPpmKh6fREyBBGGOlny-hvR0yDWoLTzC8VZwC91nd59nziPsDoOJ5TsGYdWS8nxoz8rS3jyvQfFmvma532tvs405-KR23sf3jUpRgjbGRuoa_kbfnmfR6z_pMT1QPyPJDf-tdPQ`,
      ],
      [
        267,
        'normalPayload',
        'valid',
        'ok',
        `${RS384_HEAD}.${BYTES}.zSKuuZ5iJp7YK7ZW3MNuwmWhvmDfik86V1VjlT9ieuwGpwLDGnnchuXFa1_NZLRlim4uQVmU7UF2RGPBFY1nxgmpS26AORczcwRM7GoqNb4YhA6rcYAKEY1TXX3NjJbzEHsOnsTcWPPm1Y4EJYToNPobBqJ10GAkJMd94wpGn7DPAI_nWVImVPpZvSRBgv07wYnsC3GzD74Di0TiR91SWPFAuTwRJErToiVYykQZV5EhQ_AONksuetq-G5hKQJ_C6sbkt9XVL6hdHczmKSB1jn-_T9Ox8e-6ClMY0XRxL9EvSRafn1BaOjiPYmUnvBLi3y0dZsWy5wxA_jLqEh7lww`,
      ],
    ],
  },
  {
    name: 'rs512',
    key: { kty: 'RSA', alg: 'RS512', n: N512, e: 'AQAB', kid: 'RS512_2048' },
    tests: [
      [
        269,
        'allZeroPayload',
        'valid',
        'ok',
        `${RS512_HEAD}.${ZEROS}.NQ6jfR-elQVhECrf0FzHNWBIi7wGcarU02YFRCGSRH9hf-saK-b6ZVTBr2PO3dPnD5NB4SN8zHN3hYOGSXx16y5EqHid9BMHiil2EUi7C9vtyV0L-ctwre2k9U08riL3bujUemzJgQJE6EFLUMG9rizfPvWnDTiTK1wKI8eDF-2xTl0B9J20oRnR5RRvHo9PMl5xTj7cHpS5opdTWduBeTxr2RQZ_6mDxpIl7jKdL2466exfOy3-tLTxQwq739SUO8MC_L0g9fthy-m0lmbOw-qDOVPLvmLDRzj23Da6jAi5EqRx-S9wq1c3iqwmhyKF9rjp4KBNZiLJHhUjJy55IA`,
      ],
      [
        271,
        'normalPayload',
        'valid',
        'ok',
        `${RS512_HEAD}.${BYTES}.b9G2bMQiO8XXCh8jFrPfcFFpfKJB_FdM-ZWJDaVQUEkeNIEMxWh2XC5UhrEwRNZUavDyPlU82bzSIzBHIO9NKlTdkLX9CZkNnt3UTNCQNogV-RbD2BRTJg4nlG_Qty5ZRCW_QPhEsJaGsIu_2ZWfBxdXq9Tq2soiho3kCNt9ouYNONkXFp0YfCF5lRGmfGzPNESLn8EohhBUaiNmfaTDT5QcB_Xwx3im9KAufCpHoV2lCysQvdTo4et1NQP2YYfqoSi5WMDE3WG4AFynd-8bKZ7IHZ0nkT5DyvwS4r88F4IeIDsNd88W-xhe3nsrANh4DZOpGsuChvtWGSmrwXfauw`,
      ],
    ],
  },
  {
    name: 'ps256',
    key: { kty: 'RSA', use: 'sig', alg: 'PS256', n: N256, e: 'AQAB', kid: 'PS256_2048' },
    tests: [
      [
        273,
        'allZeroPayload',
        'valid',
        'ok',
        `${PS256_HEAD}.${ZEROS}.Do9ytWeTE3djv0kszN2T88JwBmcNn-W7k5GS5r1FsxG-MjZ3NSkacQUBjMwF0xZgBEsddsLg4SB3xnMzFBFps9h7U2OBEH6oWr2-jsligAwyaMkzxewpBoGOdIHUiyOoIZ4JOOU5KZb3p0FeTP_F1WgrOJoJQ2ZgQ5-2wLKAGLLUgnJQxHrq3Pa0IZctJutA2jHAiVeKtFh7QKgrY2YS_Qo6OYrblCnM2lGPi6bL_cse8kAnvuq3KDBIrDXIBv7iKN5iM62awir9vfiZuH_v90IZ4xuSNHd2siJSIoVEWi4L0bbKqd8gEFar20HS5pUxCueIteII04iEsizGJjV2uA`,
      ],
      [
        275,
        'normalPayload',
        'valid',
        'ok',
        `${PS256_HEAD}.${BYTES}.ALRJAfvHTz-uhHHrv7AvWCmmpMRXkhmY0WG1sLzYKf8gfnYb_wRlNIhwkwotUp3obhDPxPAm4DrDOdEMskuZeJo1nuefLya7Cgj8vaLEBVQEXwOu6x9TdUI0_PkVhEqsDkcKUvyNzx88fVbI19GSxDngl62vuXouJRu8sbUcspdZ043K43Z2LEZBlLjtygeor12g0G_oZO9zD4DWW7lk5BlwzdVhKy_1tBbMYxm-ULffWANmZM7vq7_FFprR-ZOswXlOTbR-KD1DxGNcu5ou6TG8uWiHh4owiagURyEzSLF8T1-JIKgsWL0-X5Ul74MEQrvofrl2BEz_Z78JkW1l1w`,
      ],
      ...pss([
        [
          277,
          'MhashModified',
          'hMJgNzU98BZai5PC7VnENNgyU_1glztZ2OsZ4OWwmh5JlfL3YDfiYOVupATTqeiN3QrUd6J9TuGePHPeoEvyeGymXPVo1MMJz_NcdvTE41WKOY-nG-1Kn-dVqcnphNCujoiFDIJ3-LFfyXzNE6aa5V7XG03lI7XOiz3ueCNidflE74EqJUrwhDjapfaCDCV9wKLiVyYIfu4-PJjUg-M9pf0IwnDRlE6f6YwsDM77KeeoKUXkBI0KGo9uClbkIEnHCO6QHla9saF5rqnHnOl99Zj3Bg6FydBqO03CV2VG2wAgTZA2_PbpVKqjY0V4cJZNvvjtHDS5Po0Xxv8S61-btw',
        ],
        [
          278,
          'MhashModified',
          'RvOetnSHh83vD3DEXzIt4tK5l2o4nU51HH5Zqhjp5ai7WeazEYEHHJY_FKrxdxpzw0h_K09wb1tXlHt_qim9pDdF_ud19msInaFFKwcTUnidyZHVsjcDbkn7pXv5ySez-TSgO8JWO72cOaJHHifvTxEWof4x0nuDTIZCUKP9csSe-hKeKDn9IqG7w9badMCjAKkDNajL6mtKqce3jucu8fi3kxEUFyEtuUWRVtUqeCCtm2ZxYri881446oXxh0ZJHnt7iKi1F8ScEvfs1xvgJ60c5CxEsb0WlMhVpoDjhP-nr7A01hFvJOVsOrRVKuX8nwqKucm2n-UPXi4JDN_FAw',
        ],
        [
          279,
          'MhashModified',
          'MnZFFV55uqFPGLh1oDjY47lLOowz8nHSIHReRR_XCW6sBZ_aoYkodnDJx1RVnr5PhUZAYkf17O8wXsm8FEqf5SPROPUnMU9WwqOqXkIzyW_n9rpmkCwjaD1mMG11tmWHzcu28RyWfxW06SRByxAjKh1zPRjKPV5xLZYcvelzPXsqqNf9DbKC7xRwqF2ALkeXB4uwJXmiCIdhpbiRQI3l_vEvdx8MFMiZABukh071bqfxmvHKCGX_ccKguPQsB_RSFRK2uhDP-Tw-Cjw7xEJQJJkXiiE70eax7pwxDHRPLnH3dEG8zKACkH3hgRbUaRvykkDp0P48p8BZlGt3w-y2qw',
        ],
        [
          282,
          'SaltLenChanged',
          'KGK-9vsElM63rVMxSuPa_EHi5RzE_JG-KSWJVeCDIenIiT0Vz2wggtY0y1HwuAumzcOb8bPIYSz3wxqKFUeziraZaCEcPtPP0KpkqyKf9E3iQPXRjznSVMFv3m3ATMgn2WzZbDSjPb5-Gcy8qtUl5FOlzCwj7bpKkxBF80INWh9THHjOEzAiD8dmaw9OfDa-GUUjs_A6DzzxUA1sgIu8DX14tVEKDWfhxQgIgumWtppEzSl9lADOD99EtziM5XB-AiSchK13wReRFON0eR4Djg4RIWOvRMJUny6XXxVdrcpAdrZB9MYhk5TxNzha7mZTtK_cEm0GIFG1Nn6VMsRU0Q',
        ],
        [
          283,
          'SaltLenChanged',
          'clVEMfZJe3TdQBLCYl2lKoctbRd6ENYbR9PrNk94gp7en1wMt936oA8K8guKsJFAPZSAATihJ5GDQRWXQaI9ssvuZKvJbbcaiU-J-NVVsKpN3q51KmOcKjCxTniep7-JbJ9s6y4TFG_55uQAwm0esg3N9Qacq0RQbNcQ370Q-7yBhKm_JTehbOzXsg1lVoU4tTmkZVnPU6HmxBznoM-N2vyZvfqPGYn3fzsiUYauyLjlgapsuYHJFhXdUSIwesnn40fE4943L4Q2LNcq0XHAnzl99JrXk4w-3-wkCpvjmSPNOHHmWE1GHIfNfhEzQ1RDUdFWDZyzKl_Youew_bf_oQ',
        ],
        [
          284,
          'SaltLenChanged',
          'iQtp5r5uxcqIKwryFHaEPv5ECPa5-_K5ZdQHFRyMNP7RGkl6vyie-ps1GeCFHh6F9mbpF8gmb-VkUZewLlwLX9bfV6yjw9VYFeJlTJ6lkOkFm_elzvgn3PocBdn4M-edbhjeoi_BLcDQFe6tU7tKRlBEo16gwtjwX1RAsyRAt-Jgu2qVzdAKdHNGkBbr2w1-vTrK5tnoIAENECKduRQJEyaArQwysMCFeyWEJNRQtE1XiGXVbwVnXQEO_eUnCPBIzP2L8bvUXUpjqOqb4wXhmepEpbXbGck3LZsWpXbL-XEpxeGFzm-Q2tnp6lSiYZhvupWZZePabNsXrR5g10Gdcw',
        ],
        [
          285,
          'SaltLenChanged',
          'jBVgE1Ytkvpbqx-YXRWoXkumWaXdYD-E7kMIWxemTzPK5Vim9xKR_6Z51SatNPeAFBAJHZ7Fhypv8iPxsjQ4FHECVmtOzUmDX34yQ5voQV8vRZXHaxZJhJnSBBr16EsFTbCi5kE7qS6KCWNS7G-06UQaCOdqTh5Y9fvKGDHmYS5mN7wAe34zvWKXpQ3ZyNuOMg_QyZ_tU62SNdaXgqBh5FwUB9LbyRYMrjeaXvaEc1mMtkCrKM0yQaNoegn4yyXM692Ym8VB91BJjADM3vBSngvy5w1McnKZtCXnUiOiJNE7HdlTFB2T6s9DF2oqP2e3K1DdVb5rLTFXdy_JKm8uTQ',
        ],
        [
          286,
          'SaltLenChanged',
          'Fl_gvzkVQze7J24fHODPv4mXKaNkCm_0RlHM6yQbDXHenTwglksuCH29RmbtskOxUuOXDgRSNnqI4nJXFLcd78c8_3UZBZFy7TNrTxLIHQCWYVaTKcr5DbN_q-HtBLp7Fg-WWQp0RrRHng4_QznsyJx2ljvic3Rxv5Bq16miwawiXvyXJhIw0zxy7euvWZCoYP_NOAkGcNDHUMVtCdaUUj9aOauraYNrfx20V4_uMEYCwZU3BLDyqaO8Lq1C5E8k3DEGRS2MPuvJkbFr38S8rgFkLHHtZcABsF_4rgdMFivbJOtylKam0CQHSU7KaD8S0uuYLbQC6o9dVDK7TLYnbw',
        ],
        [
          290,
          'ZeroPaddingModified',
          'dlRypYdASirzTzigpSWyXuBqi88ALY5R5YQ1f5csLJMb0ewYAvmKCAaeQ7OLJI2FmUyzZQy_ln4HxG7a1Dv1vHmyjXYC6ic5slTXr3w1UJZDsCtZvEyDsOKNTCuixF3RRD0e61DOVILRCYSu0bUoAa1u91XHFh62axo861xMwUxCQvtOGe3WfEVyTIXAilKcBzlx5RkaVAIQCmYdHOWQ9IuJo8L5pl9_8FtpX7ICMesaQvgeQUM1j12MAu3Cl2brwbj9WFINUtOx33x02W2OMXCS1GNLUeNnGH-VyPCHSf6Xp0hmtEQ6jx0BnnjIujdXlsk4oa-0EJ0R2RW7g17TcA',
        ],
        [
          291,
          'ZeroPaddingModified',
          'ZeV1TG5xNBW7bxxZaj2Ar-pvJUM1AUdodccOVdD4eSbRwbGNkzbrt7j6pROo7pruwQqIUVYtMAl7G2IuE3Ev2tXhSEY59SEpsVAAJ2K9GmktsxYLKEEzSBL59JUv1ASsLLvE2PJLrxj4VYfqv2zAP46Y9LDDmapnRPn_l4YuoCwKvSlPR_UNzFSkH-22vdGu0GR7cFenMJ1iSrtQ48UTlhh4mFXT_6CMV_3jf6KaMAYBnZWz5o7AnsifNi3Hv-43OpBtR3wwWZMNnmGkFgEpWL-ltzmrYYhnIpmMos3iRiqB-UVjflBjYJD7cXVd-gLmOY_b8WMP7292hLvzB3UGUQ',
        ],
        [
          293,
          'ModifiedHash',
          'lvd5OXGyZfAXYjx_BEkfKTgPjKcPeMls_pXAJgTmByGoKTJYOxN6B_IeHxi_6vkHAeosXEwhP34PK1JmgfkHwOVugvAK_jur_YXjjWmxjAs_YQfxHwdqKhw2dBwGh6QnVjXU56IA7ach2NVtMngebJ4jATT9p7TdvoZPHxjALLNx2cChT-7BHBDrJ_luTEtO9s-im_h4BkFkMduAlbixd4e1aoHcoA5zP-DAh01s5PzZWbL9dVOfeL-tvQ8iPjp0YV4MddjxLqnrIRPh2q13ba8E8-Y-t56XwlZklKV2p7TEaAYYcmq6HKb-5B5iG7LYmi9pzJXfDsdHaxZYMuxK8Q',
        ],
        [
          294,
          'ModifiedHash',
          'j-xCOVE-mxA9bPznVkBZb6oA019mMProAzFtea4_Hvl9AWiBwEJvOaFR2CWEW2qLOeZ3iaiwia6GD5ikzrbIodwnRb-fT_Q65sLHaZyK8VuD13B_bI-Yx6SLTbZO3hXMlv8wq694sosG5AWoXqjiojyU_p35oh9AswawWg_B0YZeS9R9AMyeO0IdDjg8Krjw4m0YwusJCRBAV8tmgbcQwoGIGa0SGqaIgs79ocMu8PfikO6O7i-GCnTGxa5Yqn-mZViUCcZmURB6w-sT32EVCN7sq5s22cQwWS4odnOd50ke9gOGTUZdcTtB8YIetLgF_ZluKBQoC4gbzPVPFUsCSw',
        ],
        [
          295,
          'ModifiedHash',
          'eouNzwclHnwFlSCQ97mUl1MLjto5lzThTFpU2DHVDf8ntAOOe2caOh5xIKHatSH6DfWQbVpFqdlSq7YFYYd4P9t5_0F8xDGI1P2pUkGSrkYVnLmkkc0D79CLUGm7LPeaXtD7DZji8RmpAwlIh7whJIR67I0MOgA8K_H117wfRmbkK2WG1BfCS2xLR_RQgDlTWvrv46EKSruYyf-Q6hw_fFPcWAZ35xuvtGXMOxgMsoCs37SP7Vklt91hZobObOW3ftQNXfvRdYf1jUGIIvXYgWaHwlakeqnqW7fazOPWcwIDd-kXAD7veWLBkH2FpVW9RLKGtEENc_4OUJGpbgQf4g',
        ],
        [
          296,
          'ModifiedHash',
          'bop0M1U3ojOzkVncHfb6nj-oY8bE_CgJbVy4v4tZwPnPm1oeVjLZncUfqdsdkC2P6vkI7W3ju_HzvdN45RvM88ZGBxZlMSpFuFj6OEdBo4ZZObTUhN3GoqRxZyVb-veh7xvAn4t0SAm70FK3J83aizLo7mdEb18pZ9wimxouEIyzGlAk-RUK1M7P-8zxeaSOTKRgLHs4aj2F6sRFHCGARNoJ8yHtF7FQ5zd6FEwlRCp-tGx0vH8I-EWtt11TiMc7AtqmlN8G3CVeu9c_Z-OB6EmNN-SB6OX7AH_BeIZQhR054fAlCeqbdhlhLMLzvUeSLAeADtfpRTg_ne3TVxtTXQ',
        ],
        [
          297,
          'ModifiedHash',
          'jFPbmotd35t9D0yupIwhvi4vtX8Z8czTf81pror18OVuLBmhCjn50mzr0HHa32XiTDeBk8sGAzRU0tGKUAX38Rv9qTdJqHMVUYXepuPVCIQJNtIKSMoU1JX6cEPuSIED6q6tgQ5xUwJkJFrvQOZEx4BE3JeBxv8tCBl24PS2ZNmLTt7O0mWA3BAoxbqBnhHAY2cv6QZqPYLLWc8mz5ACetFHEWcf5ygOXjhVJt8R2OHC4zR8XfV-rUUNVfYD1pVO0soF0lbEdeQ1r2IuRYeqxtcT04ABFtFllJ529LMYIPKV9NcPc5YRFWySKHHzOiIqhoy9QhSg1QqiW2Z8RBzQnw',
        ],
        [
          298,
          'ModifiedHash',
          'NeJ8IJQVBt8M7_AJBT0baD35PkE7R53dL7J4uabdVxxp-zgZipS1QGVVjs8giJgOYmpmFtixU8DYbUnnkGHwZ4OzTf8oZe0jj6gEWkiMer75W14r8IhG5qC9Rkv9Srm7tcJNX-L4Cqh-zy2pDALasCv3tznbXxFukM80HiyWSxfqlqHY8eArIGYqo54H62nXMa0Jpa3d90nAa3ZDfGaSr8IN6AI1JBAg3KnGQJSZ9EWuMvSrvQFLtDymuGG-8lk2lZGlMYmuGuMD9iGdUAkekEOdZdyNNJ9UB0jcdNLY_LPkyidjHoFXKWuNrygvonIgq3rX01vmqurtt0H0_vDrSA',
        ],
        [
          299,
          'ModifiedHash',
          'ON9yrCHsTSE6-n9WaoBzOLF7J0c0uPCi75zOevw0zMqu8N-XqOMZtu9nh8800hFLHwEa72WKgEk9he6ztx1V0-JH8inFdq2fEGe-a-PEdn81YFHVM5Nqh5g5nm_mXgEKx9V9ph3Rixkp-2dzzFKrY3QIDvvnTZuUart_4YTmenAhpprYruH97sm4V-qDUqNP5QxyWufrieBo0u_PyTybpmfQ0kfmjC0YaMltjy3h4N74hNy6MZEExtCXG3VSTZX4lPEJ3gwPjHucc_rnFj0J5CvCl205_gPyzZAR0QTx2ZH49HAlzSeuJwnlaQ27D2PRPlx9fKyPqT7V7d707QvSgw',
        ],
        [
          301,
          'PSModified',
          'NvF9HxPPSwB_pVPlDunmBKr-DoUkaGVyS36Ff-HPRaD137P4bXq-KJCul2qn00ZSKEp6tIZVEBQDG3bbcUND9agAzp2xJIy-HVXdByykNJKTRCW8r160UiAM9C0LOm_yqx7jVj9zCBvKNEmwHyzWWNZdCDVEGpYP17-Fj3rnhbfoHfs1RV0pEotMbS2H6_URneM_vEDqdpt9PdNgtEE3RUKr1uPSJOaSm0dWVPXcgdNMixN9MHuWZmmqjMRHz7L-46YROjXnu-Qdd5osoHOlF-RB7MnZ_rPoBBnFd-F15ydm2zSlM5oSmpobNISrrMv7vqjVFi2uHN0iRTztMUACEw',
        ],
        [
          302,
          'PSModified',
          'FatWkf_lgpOJWTXsX0W0UW8KO46xXNY2OSmAjyxK0oXgK27EO298SPkHxKGUcGV3g5bH5nkEFdqhkV1gguvGSxjyHvSN3koqbdn_05KUnrVyi_Aqr1lmXjsnzO6VvOBBkKA-DnsDCx5_9YEwTflh9bsp8z8uOW6CNl4uaw4R1k7AEQ8Zvil744zMbCjxmZ50hL6eD6akXsOk0ycSbzlnhT0ztZJnR-J07tUrdJOISn_WAvydfjZ5TfDVEIY_dwY1tB13beFYdpOFQxUI_2PrYzYdl0f8aM8v9eYNmQuc6dY8WdVjpIN3AsOhDe_HmnzWa902B0h2_SUv4gWPI-11tA',
        ],
        [
          303,
          'PSModified',
          'jCR8pxF1N6S-Py7i2wfwBVFIc_JDxqgtTHYOS3X29kxsbq2cbhTJSjKfdxz4N9plvFR_U9T-jonHieLkIsohxfpdap3_KFNWdBuAst6KpXnzpfHTt0jDQjheWiNK9AsDSnT62IgLy-8UelP8bgXhS9k_6-fJU-GzPbF3iP855cBGJLzw4rAxbeZ56iEBQTnS_BAQ2puEtXWo_viEgFrh4TxNNScLJ554dmZEESZCet8IUR80uUJxlkSuGosza8xJ8DrC6OA0Lp5wtoLRcZjsNGsg2NJ8Sckvz2nFSGnxj-Zz0N5zdNgrfvRLVR9lfw5Sr8wKKZweo_XsfVlkC4i1AA',
        ],
        [
          304,
          'PSModified',
          'G8ejNJ0PiuDOr9UROc3-3pNpx9qNXkdCPGY_7eNXz-eAu1Xr-E3I1zGxxs1GK8Me_qZ2V9Jk101sWujcbaPCl74PxusUevKs-8OUlaldFbtGIvMkR32PtYDkhrPsm76J8c6K5SiD2ptMFhWECsb8Bs-ysmtwxFrOn9CCHoXmKoL4WnqetFnWaDEB6djzVa0lYt6BmlJr8oQpX0Y1glyWv62Q8q3Ad8UJmdSk10Oiaw5Y9B3vI9XvCusevJv7qn_EoMDkJyyw369d4ki7vBMvCT2TZaYjUViX4bTlb9fcSDqCe9WjyAhUFJZB1vj3Al3lzRuiYxjnGr2rsNgEpLYHUA',
        ],
        [
          305,
          'PSModified',
          'Xl2rv_XrVmZ1pumy_zHj8AhFkfCuqHIfNYIJuvk1a_Jd2lcArpQrzqETD3495NbDkeur_QStlzHC1SpPvy37ZFN5vVdiL-F8cNVhWxrNuOLZkPGkN4DjyzUThyWyGFgZ_MojabAy2KS9MFhkz6S4rsXgnIJg5NCDUadYLr2spMdgx-x0Zbng0cCMOIN57fc2USFhqsqAfR3Rvb5yRur7vx74dx9JcAYxB6nq9KaIFm29Dk8mzDCzqk7Ommiad5UFukZQrME9xLhTaz93A8C16ur6NZeanplfvrwwqAGFinakT7nAvWjLhCAB89lit17bRD43NYXYvsnOWk0h-LYpkw',
        ],
        [
          307,
          'SaltModified',
          'ACdFJctfI_lJYBDFhUBMDndRG-3i8N4Hni_JN2UC_eAq5bCAiwvwtZ5i6IkToq7N-Wkj8cfunIuc4n5PZXKmE8BwnScvgqOjSqAHseNmcb__qU7oCFRf2y59nw9QyGpBG_RWzMyUVllcs2ytDKyDPHkiqPtM23jphPXfiZP0zdV_K3FdGKQA5fSKnsRAkdbfzO6DoVl8U5bB8NGESnbSTl0ihRoWKGEdPC9la4D32_5QA5zfqzUadwJK_LWZWwjbA0GWD2ItmX8LFGhi-ssaFd9e9vC0Z6gCY81Vd8VJEmV4UFhyHFswKP9s6wls0f22XVWtASBdGEEPwiV1JYx8SA',
        ],
        [
          310,
          'EmModified',
          'CzfBR0FrPHooUXCMxYKrVtik49XVWWEfcWQ4FDu6BvmZr0RxBTIHXla2rMVCl1pn3id3NmvjuTxGgZW-nXZI0u3_WCSMpkoHO8y5Ml2UTAKDcQ7eUNTsNXDm5_oQ1fUXn7oKpfTgsgUjXaOz-EfTAeRfMcXKiPgRiuLPK8Y-USOvQXx864aPAGxF4V5MhySClILiu3625w33GW4Bv63ggrL40y0BmPvIZGXY_hRP72FQgZzSdrDuGQ1jMZ9Ipa5tg7nqLE5iUYGMVmW0nlr0Y0fpLQ_z4nfBQ8DH4x_Z9gRfuUVdu62fjF2inKyJKZvWK5gdf0o2TXJo2U9dkWfPTA',
        ],
        [
          311,
          'EmModified',
          'FfpJPdehEoii16cHaV0EIyn0IIfKhs7jwvuQYH3KQNHz3NFDmdgBRWoeIZiB62VayTabGSPV3c3ndnqPZX3oCNo9k6I-K8lRRAImT34Zn_G6d415y0Wu8E1GbrdC8wq0drQmy0wc290NsPv2cLv6WzV_XW-XXJ52Uy2zSKUncaSoiVAe-b6UzRkMX6-6OaLom4u7wa31P-x3AyuCup-s_7BlAK8PZsehPFWZrMOwzyPkMKOCe0bS3wGQR-4IcfJrLMMS_mvqYE8ifNGY3rpPYZjE3o-ATNKFNcgFcvmvIzyJyE2iPHeyEJ2e5M8tS3NDDGnD9Ef170wSWeLDLwcwag',
        ],
      ]),
    ],
  },
  {
    name: 'ps384',
    key: { kty: 'RSA', use: 'sig', alg: 'PS384', n: N384, e: 'AQAB', kid: 'PS384_2048' },
    tests: [
      [
        321,
        'allZeroPayload',
        'valid',
        'ok',
        `${PS384_HEAD}.${ZEROS}.EfuK5r0QtE3kyl6wlHqHdwQ1w6EUPqOwzIONx-CTzWJC9epvwmLJRzMF_dSc4ZRgJbJYL0PFoMASuPIZ8Ro5jB7kSvWKCt01433F8O3bBra1jW0uwPWYCjMBmkkRtTSxWe-5lMMZZxQOYZiMcyQcmw7YuIkENt3Vehq1K7OrwFwzbBqI6isU8VInmEeRTa2Dgf0P9X-NRMu1cGkImVXCZ9RyYWE2OIq3i-cXvNuI72iIyVCwgmo-q9EiwzvIgmqtwTe-a_67rD3Kpn-VUCwwgSmqbbaykkUPlltMH4fiyI648auq9aWgb4kucDgNPkqJPxGh8BsOnMU0EyO2ZbyfvQ`,
      ],
      [
        323,
        'normalPayload',
        'valid',
        'ok',
        `${PS384_HEAD}.${BYTES}.WogI6hwIbheHqWCcKXm5ZM1yIEwKUw5_e0XUScTWEzkE5A5jnRKxQJjIAe4AoP_pmNNVSfdowCAGt5mdyc7YIZ8aVrhxmR5Qfsh_KEuGj0I0oL7WnVS0OZxCn-DKFGhBkuYxcaQ4_3Tp7Ifn5T34M-NaMwNuB_hNwDHqjOtdxmw7fhPr_W8t0sggDzDqWjCUtW5PIf_UgEJF6j2fEhlOmCSOX2AHk03yQvz2-XeU24qYtVtszV17WAIbgDOqsZKKGemIXP-oHpsilRhjQ5r5reCUqwiK7AIBNkTBssuCONrBd7Qd4IcpxkJWEfN1pCNiY8FliRe_qv9l7mmmFa1fgA`,
      ],
    ],
  },
  {
    name: 'ps512',
    key: { kty: 'RSA', use: 'sig', alg: 'PS512', n: N512, e: 'AQAB', kid: 'PS512_2048' },
    tests: [
      [
        326,
        'allZeroPayload',
        'valid',
        'ok',
        `${PS512_HEAD}.${ZEROS}.C7WiIdeM-Ezo0byApY4WrZBroxSHbBEeOdfsgGDfL6O-1WxksygsQYsPex-zcuFtdXAvo53yoo_cnMnQz4FNtOTLO58qVeDoptBfj8B2Dl3YqjvGgrsor4UwQ-5GUQFOrPrpWSZTZt51q60fKsK3_W4kZiI3ueILZc5g-hXs08ESmoHiRF_KHwldAp-KvyUw6p0lsX1L_CzYAtw_6dq7LLHdBYnSfWLAPDTuA-TpNCpsv0lqS3zzeZkxMtrk-YB6-ceYX1zNTaAUo3UoBfjZeLdRK5lsYQ1YgebUeCD3j-xja9oZ3cG204u_Bj5p4EAx3FI17sFNoQBf1IzElZl_1A`,
      ],
      [
        328,
        'normalPayload',
        'valid',
        'ok',
        `${PS512_HEAD}.${BYTES}.ObZ-CYTj-axV13Z_Q7O-eQq2K0OhqSxtJO1i3W6FPwOXQGyNXYDMTXo9TWv6L93Gqlipq-hteSrbvQqJlg5B7FsRNwwsxK-6We6fP1jYdab37u7N-oJDAxiUuAEYxv0Yhudi5QM1A-UkW6eqfM256MGx7Z9KwerdQrLwYDTavGHEaVesxHrbxd3OO0WTDV0Qs1-obxq1WO4FaFZ7aXCy-WmN01DkhBDO9AsGLhzeYrt9dakjMGVUPyQ_57VoAQ7m3-jItdrLku5gf3WJlKc3wu3gV96bt_g285asXDcdMKHXIUjQpCeNEMEJDRLzykEM9Uk5xVMLO8_AuI-IuY0qWg`,
      ],
    ],
  },
  {
    name: 'SpecialCaseEs256',
    key: { ...EC_KEY, alg: 'ES256', use: 'sig' },
    tests: [
      // Both halves are right, with 225 bytes of zero before each.
      [
        385,
        'BufferOverflow',
        'invalid',
        BAD,
        `${EC_HEAD}.Zm9v.${'A'.repeat(300)}5cA0OHyMP7ezamUd5c9kV-FrGxdx4hbGXOdplQkutro${'A'.repeat(299)}CWrte5P-pAvsE3Ve6xSyU3YDQwUHjVVOtvcrEbbnZ8yA`,
      ],
    ],
  },
]
